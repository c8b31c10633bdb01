/** The services behind the API, in memory, with the interfaces of production. */
import { Readable } from 'node:stream';
import type {
  ByteRange,
  CameraService,
  ExportFile,
  ExportRequest,
  CertificateSource,
  ExportService,
  PrivacyService,
  RecordingService,
  OtherClock,
  SettingsService,
  Snapshot,
  TimeService,
} from '../../server/api/services.ts';
import type { Clock } from '../../server/base/clock.ts';
import { AppError } from '../../server/base/errors.ts';
import { epochMs, toRfc3339, type EpochMs } from '../../server/base/time.ts';
import type {
  AddedCamera,
  Camera,
  CameraPatch,
  CameraTest,
  CameraTestInput,
  NewCamera,
} from '../../server/contract/camera.ts';
import type { Export } from '../../server/contract/export.ts';
import type { Recordings } from '../../server/contract/recording.ts';
import type { Privacy } from '../../server/contract/privacy.ts';
import type { Settings, SettingsPatch } from '../../server/contract/settings.ts';
import type { AuthorityFile } from '../../server/certificates/certificates.ts';

/** What a test of any camera finds. */
export const CAMERA_TEST: CameraTest = {
  main: {
    video: {
      codec: 'h264',
      width: 1920,
      height: 1080,
      framesPerSecond: 15,
      keyFrameIntervalMs: 2000,
    },
    picture: { type: 'image/jpeg', base64: '/9j/4A==' },
  },
  warnings: [],
};

/** Cameras in a Map; `trouble` is thrown by whatever would connect. */
export class FakeCameras implements CameraService {
  readonly cameras = new Map<string, Camera>();
  trouble: Error | undefined;
  /** Connects for ever, until the signal says otherwise. */
  hangs = false;

  list(): readonly Camera[] {
    return [...this.cameras.values()];
  }

  get(id: string): Camera {
    const camera = this.cameras.get(id);
    if (camera === undefined) throw new AppError('not-found', 'There is no such camera.');
    return camera;
  }

  async test(_input: CameraTestInput, signal: AbortSignal): Promise<CameraTest> {
    await this.#connect(signal);
    return CAMERA_TEST;
  }

  async add(input: NewCamera, signal: AbortSignal): Promise<AddedCamera> {
    await this.#connect(signal);
    const id = this.cameras.size.toString(16).padStart(16, '0');
    const { source } = input;
    const camera: Camera = {
      id,
      name: input.name,
      source: { type: 'rtsp', url: source.type === 'rtsp' ? source.url : '' },
      sound: input.sound ?? false,
      enabled: true,
      position: this.cameras.size,
      state: 'connecting',
      createdAt: '2026-01-01T12:00:00.000Z',
    };
    this.cameras.set(id, camera);
    return { ...camera, test: CAMERA_TEST };
  }

  async change(id: string, patch: CameraPatch, signal: AbortSignal): Promise<Camera> {
    const camera = this.get(id);
    await this.#connect(signal);
    const changed = { ...camera, name: patch.name ?? camera.name };
    this.cameras.set(id, changed);
    return changed;
  }

  remove(id: string): Promise<void> {
    this.get(id);
    this.cameras.delete(id);
    return Promise.resolve();
  }

  async snapshot(id: string, signal: AbortSignal): Promise<Snapshot> {
    this.get(id);
    await this.#connect(signal);
    return { jpeg: Buffer.from([0xff, 0xd8, 0xff, 0xd9]), takenAtMs: epochMs(0) };
  }

  #connect(signal: AbortSignal): Promise<void> {
    if (this.trouble !== undefined) return Promise.reject(this.trouble);
    if (!this.hangs) return Promise.resolve();
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
  }
}

/** Says what it was asked, as one range. */
export class FakeRecordings implements RecordingService {
  ranges(_camera: string, fromMs: EpochMs, toMs: EpochMs): Recordings {
    return {
      ranges: [{ from: toRfc3339(fromMs), to: toRfc3339(toMs) }],
      gaps: [{ from: toRfc3339(fromMs), to: null, reason: 'server-crashed' }],
    };
  }
}

/** Exports that are done at once, each with the same file. */
export class FakeExports implements ExportService {
  readonly jobs = new Map<string, { job: Export; userId: number }>();
  readonly bytes = Buffer.from(Array.from({ length: 1000 }, (_, index) => index % 251));
  readonly opened: (ByteRange | undefined)[] = [];
  fileName = 'Front door 2026-01-01 12-00.mp4';

  create(request: ExportRequest): Promise<Export> {
    const id = (this.jobs.size + 1).toString(16).padStart(32, '0');
    const job: Export = {
      id,
      camera: request.camera,
      from: toRfc3339(request.fromMs),
      to: toRfc3339(request.toMs),
      state: 'done',
      progress: 1,
      notes: [],
      createdAt: '2026-01-01T12:00:00.000Z',
    };
    this.jobs.set(id, { job, userId: request.userId });
    return Promise.resolve(job);
  }

  list(userId: number): readonly Export[] {
    return [...this.jobs.values()].filter((entry) => entry.userId === userId).map(({ job }) => job);
  }

  get(id: string, userId: number): Export {
    const entry = this.jobs.get(id);
    if (entry?.userId !== userId) throw new AppError('not-found', 'There is no such export.');
    return entry.job;
  }

  remove(id: string, userId: number): Promise<void> {
    this.get(id, userId);
    this.jobs.delete(id);
    return Promise.resolve();
  }

  file(id: string, userId: number): Promise<ExportFile> {
    this.get(id, userId);
    return Promise.resolve({
      sizeBytes: this.bytes.length,
      fileName: this.fileName,
      open: (range: ByteRange | undefined) => {
        this.opened.push(range);
        const part =
          range === undefined ? this.bytes : this.bytes.subarray(range.first, range.last + 1);
        return Promise.resolve(Readable.from([part]));
      },
    });
  }
}

/** Settings in memory; `trouble` is thrown by whatever would change something. */
export class FakeSettings implements SettingsService {
  trouble: Error | undefined;
  settings: Settings = {
    reach: 'this-machine',
    reachIsFixed: false,
    addresses: [],
    caFingerprint: null,
    networks: [],
    learnedAddresses: [],
  };

  get(): Settings {
    return this.settings;
  }

  change(patch: SettingsPatch): Promise<Settings> {
    if (this.trouble !== undefined) return Promise.reject(this.trouble);
    this.settings = {
      ...this.settings,
      ...(patch.reach && { reach: patch.reach }),
      ...(patch.networks && { networks: patch.networks }),
      ...(patch.learnedAddresses && {
        learnedAddresses: patch.learnedAddresses.map((address) => ({ address, isOwners: true })),
      }),
    };
    return Promise.resolve(this.settings);
  }
}

/** A box whose time is that of `clock`. */
export class FakeTime implements TimeService {
  source: TimeService['source'];
  trouble: Error | undefined;
  readonly adopted: OtherClock[] = [];
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  wallMs(): EpochMs {
    return this.#clock.wallMs();
  }

  compare({ timeMs }: OtherClock): number {
    return this.wallMs() - timeMs;
  }

  adopt(page: OtherClock): void {
    if (this.trouble !== undefined) throw this.trouble;
    this.adopted.push(page);
    this.source = 'person';
  }
}

/** What is to be trusted, when a test says so. */
export class FakeCertificates implements CertificateSource {
  authority: AuthorityFile | undefined;
}

/** A box that speaks to nobody, unless a test says so. */
export class FakePrivacy implements PrivacyService {
  privacy: Privacy = {
    kernelTry: null,
    layers: [{ name: 'guard', state: 'active' }],
    ...{ connections: [], destinations: [], refused: [] },
    counts: { connected: 0, failed: 0, refused: 0, open: 0 },
  };

  report(): Promise<Privacy> {
    return Promise.resolve(this.privacy);
  }

  tryKernel(): Promise<void> {
    const at = '2026-11-22T08:00:00.000Z';
    this.privacy = { ...this.privacy, kernelTry: { at, v4: 'refused', v6: 'no-way' } };
    return Promise.resolve();
  }
}
