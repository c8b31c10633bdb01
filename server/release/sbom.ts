/**
 * The bill of materials of a box in CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/), from the lock file
 * alone: the same lock file gives the same bytes. Pure.
 */
import { createHash } from 'node:crypto';
import {
  type LockEntry,
  type LockFile,
  nameOfFolder,
  needsOf,
  productionFolders,
} from './lock-file.ts';

/** One package, or Doorkeep itself. */
export interface Component {
  readonly type: 'application' | 'library';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly group?: string;
  readonly version: string;
  readonly scope?: 'required' | 'optional';
  readonly hashes?: readonly { readonly alg: 'SHA-512'; readonly content: string }[];
  readonly licenses: readonly Licence[];
  readonly purl: string;
}

type Licence =
  | {
      readonly license: { readonly id: string; readonly acknowledgement: 'declared' | 'concluded' };
    }
  | { readonly expression: string; readonly acknowledgement: 'declared' };

/** See the head of this file. */
export interface Sbom {
  readonly $schema: string;
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

/** Of packages whose package.json names none: by the text beside them (docs/adr/0005-ffmpeg.md). */
const CONCLUDED: Readonly<Record<string, string>> = {
  'async@0.2.10': 'MIT',
  'parse-cache-control@1.0.1': 'BSD-3-Clause',
};

/** The bill of materials of what this lock file puts on a box. */
export function sbomOf(
  lock: LockFile,
  own: { readonly name: string; readonly version: string },
): Sbom {
  const root: Component = {
    ...{ type: 'application', 'bom-ref': purlOf(own.name, own.version), ...own },
    licenses: licencesOf(`${own.name}@${own.version}`, lock.packages['']?.license),
    purl: purlOf(own.name, own.version),
  };
  // The same package in two folders is one component that needs what either needs.
  const components = new Map<string, Component>();
  const edges = new Map<string, Set<string>>();
  for (const folder of productionFolders(lock)) {
    const component = componentOf(lock, folder);
    const before = components.get(component.purl);
    if (before?.scope !== 'required') components.set(component.purl, component);
    addEdges(edges, component.purl, lock, folder);
  }
  addEdges(edges, root.purl, lock, '');
  const sorted = [...components.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1));
  const dependencies = [root, ...sorted].map(({ purl }) => ({
    ref: purl,
    dependsOn: [...(edges.get(purl) ?? [])].sort(),
  }));
  const content = { metadata: { component: root }, components: sorted, dependencies };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    ...{ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 },
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    ...content,
  };
}

function componentOf({ packages }: LockFile, folder: string): Component {
  const entry = packages[folder] ?? {};
  const whole = nameOfFolder(folder);
  const version = entry.version ?? '';
  const [, group, name = whole] = /^(@[^/]+)\/(.+)$/.exec(whole) ?? [];
  return {
    ...{ type: 'library', 'bom-ref': purlOf(whole, version), name, version },
    ...(group !== undefined && { group }),
    scope: entry.optional === true ? 'optional' : 'required',
    hashes: hashesOf(entry),
    licenses: licencesOf(`${whole}@${version}`, entry.license),
    purl: purlOf(whole, version),
  };
}

function addEdges(
  edges: Map<string, Set<string>>,
  purl: string,
  lock: LockFile,
  folder: string,
): void {
  const onBox = new Set(productionFolders(lock));
  const known = edges.get(purl) ?? new Set();
  edges.set(purl, known);
  for (const need of needsOf(lock, folder)) {
    const { version = '' } = lock.packages[need] ?? {};
    if (onBox.has(need)) known.add(purlOf(nameOfFolder(need), version));
  }
}

/** Subresource Integrity to the hexadecimal of CycloneDX. */
function hashesOf({ integrity = '' }: LockEntry): Required<Component>['hashes'] {
  const encoded = /^sha512-(\S+)$/.exec(integrity)?.[1] ?? '';
  return [{ alg: 'SHA-512', content: Buffer.from(encoded, 'base64').toString('hex') }];
}

function licencesOf(nameAndVersion: string, stated: string | undefined): readonly Licence[] {
  if (stated === undefined) {
    const id = CONCLUDED[nameAndVersion];
    return id === undefined ? [] : [{ license: { id, acknowledgement: 'concluded' } }];
  }
  // An expression of SPDX has spaces; an identifier has none.
  if (stated.includes(' ')) return [{ expression: stated, acknowledgement: 'declared' }];
  return [{ license: { id: stated, acknowledgement: 'declared' } }];
}

/** https://github.com/package-url/purl-spec, type npm: the @ of a scope is percent-encoded. */
function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
}

/** A UUID of version 8 (RFC 9562 5.8): made from what it names. */
function uuidOf(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
