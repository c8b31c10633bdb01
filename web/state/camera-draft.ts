/** What a person has typed about a camera, and what the box is asked with it. Pure. */
import type {
  Camera,
  CameraTest,
  RtspSource,
  RtspSourcePatch,
} from '../../server/contract/camera.ts';
import { isBareHost, MAKERS, typedAddress, type Maker } from '../words/camera-makers.ts';

/** The fields about where pictures come from, as typed. */
export interface SourceDraft {
  readonly address: string;
  /** A name out of `MAKERS`; empty: not known. Means something beside a bare host only. */
  readonly maker: string;
  readonly subAddress: string;
  readonly username: string;
  readonly password: string;
}

/** The whole form of a new camera. */
export interface CameraDraft extends SourceDraft {
  /** What the box saw, with the source that it saw it with; another source needs another look. */
  readonly seen: { readonly source: RtspSource; readonly test: CameraTest } | undefined;
  readonly name: string;
  readonly sound: boolean;
}

/** An empty form. */
export const NO_SOURCE: SourceDraft = {
  address: '',
  maker: '',
  subAddress: '',
  username: '',
  password: '',
};

/** An empty form of a new camera. */
export const NO_CAMERA: CameraDraft = { ...NO_SOURCE, seen: undefined, name: '', sound: false };

/** The form of a camera that is there. Its password is never told, so the field is empty. */
export function draftOfCamera({ source }: Camera): SourceDraft {
  return {
    ...NO_SOURCE,
    address: source.url,
    subAddress: source.subUrl ?? '',
    username: source.username ?? '',
  };
}

/** A source to try, with the maker whose usual address it is; none where it was typed in full. */
export interface Candidate {
  readonly source: RtspSource;
  readonly maker: Maker | undefined;
}

/** What to try, one after the other: with a bare host and no maker chosen, one of each maker's. */
export function candidatesOf(draft: SourceDraft): readonly Candidate[] {
  const chosen = MAKERS.find(({ name }) => name === draft.maker);
  if (!isBareHost(draft.address)) return [{ source: sourceOf(draft), maker: undefined }];
  return (chosen === undefined ? MAKERS : [chosen]).map((maker) => ({
    source: sourceOf(draft, maker),
    maker,
  }));
}

/** The source that was typed. Empty fields are left out: an address may hold name and password. */
export function sourceOf(draft: SourceDraft, maker?: Maker): RtspSource {
  const { url, subUrl } = typedAddress(draft.address, maker, draft.subAddress);
  return {
    type: 'rtsp',
    url,
    ...(subUrl === undefined ? {} : { subUrl }),
    ...(draft.username === '' ? {} : { username: draft.username }),
    ...(draft.password === '' ? {} : { password: draft.password }),
  };
}

/** Whether two sources are the same in every field. */
export function isSameSource(a: RtspSource, b: RtspSource): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** What differs from what is saved; undefined when nothing does. An empty password stays as it is,
 * unless the user name is taken away: then it goes, too. */
export function sourcePatch(draft: SourceDraft, { source }: Camera): RtspSourcePatch | undefined {
  const next = sourceOf(
    draft,
    MAKERS.find(({ name }) => name === draft.maker),
  );
  const patch: RtspSourcePatch = {
    ...(next.url === source.url ? {} : { url: next.url }),
    ...(next.subUrl === source.subUrl ? {} : { subUrl: next.subUrl ?? null }),
    ...(next.username === source.username ? {} : { username: next.username ?? null }),
    ...(next.password === undefined ? {} : { password: next.password }),
    ...(next.username === undefined && source.username !== undefined && draft.password === ''
      ? { password: null }
      : {}),
  };
  return Object.keys(patch).length === 0 ? undefined : patch;
}

/** The way back from a patch; undefined where the box would need a password that nobody has any
 * more: a changed one, or one that was typed for another host. */
export function undoOfPatch(
  patch: RtspSourcePatch,
  { source }: Camera,
): RtspSourcePatch | undefined {
  if (patch.password !== undefined) return undefined;
  if (originOf(patch.url ?? source.url) !== originOf(source.url)) return undefined;
  return {
    ...(patch.url === undefined ? {} : { url: source.url }),
    ...(patch.subUrl === undefined ? {} : { subUrl: source.subUrl ?? null }),
    ...(patch.username === undefined ? {} : { username: source.username ?? null }),
  };
}

/** Scheme, host and port, without a name or password before them. */
function originOf(url: string): string {
  const match = /^([a-z]+:\/\/)([^/?]*)/i.exec(url.trim());
  const authority = match?.[2] ?? '';
  return `${match?.[1] ?? ''}${authority.slice(authority.lastIndexOf('@') + 1)}`.toLowerCase();
}
