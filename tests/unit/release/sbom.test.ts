import { describe, expect, it } from 'vitest';
import type { LockFile } from '../../../server/release/lock-file.ts';
import { sbomOf } from '../../../server/release/sbom.ts';
import { productionPackages, readLockFile } from '../../repo/production-packages.ts';

const lock = readLockFile();
const own = { name: 'doorkeep', version: '1.2.3' };
const bom = sbomOf(lock, own);
const all = [bom.metadata.component, ...bom.components];
const refs = new Set(all.map((component) => component['bom-ref']));

describe('the bill of materials', () => {
  it('has the head of CycloneDX 1.6', () => {
    expect(bom).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6', version: 1 });
    expect(bom.serialNumber).toMatch(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it('has each package of a box once, and no other', () => {
    const names = new Set(
      bom.components.map(({ group, name }) => (group === undefined ? name : `${group}/${name}`)),
    );
    expect([...names].sort()).toEqual([...productionPackages(lock).keys()].sort());
    expect(refs.size).toBe(all.length);
  });

  it('says of each where it is from, what it hashes to and under which licence it is', () => {
    const purl = /^pkg:npm\/(%40[a-z0-9._-]+\/)?[a-z0-9._-]+@\d+\.\d+\.\d+[0-9A-Za-z.+-]*$/;
    const wrong = bom.components.filter(
      ({ purl: at, hashes, licenses }) =>
        !purl.test(at) ||
        hashes?.length !== 1 ||
        !/^[0-9a-f]{128}$/.test(hashes[0]?.content ?? '') ||
        licenses.length !== 1,
    );
    expect(wrong.map((component) => component.purl)).toEqual([]);
  });

  it('states a licence by an identifier or by an expression, never by both', () => {
    const forms = bom.components.flatMap(({ licenses }) =>
      licenses.map((licence) =>
        'expression' in licence ? licence.expression : licence.license.id,
      ),
    );
    expect(forms.every((form) => /^[A-Za-z0-9.-]+$|^\(.* (OR|AND) .*\)$/.test(form))).toBe(true);
    expect(new Set(forms).has('MIT')).toBe(true);
  });

  it('has a graph without loose ends in which Doorkeep reaches everything', () => {
    expect(bom.dependencies.map(({ ref }) => ref).sort()).toEqual([...refs].sort());
    const loose = bom.dependencies.flatMap(({ dependsOn }) =>
      dependsOn.filter((ref) => !refs.has(ref)),
    );
    expect(loose).toEqual([]);
    const edges = new Map(bom.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const seen = new Set<string>();
    const visit = (ref: string): void => {
      if (seen.has(ref)) return;
      seen.add(ref);
      edges.get(ref)?.forEach(visit);
    };
    visit(bom.metadata.component['bom-ref']);
    expect([...refs].filter((ref) => !seen.has(ref))).toEqual([]);
  });

  it('is the same for the same lock file, and another for another', () => {
    expect(JSON.stringify(sbomOf(readLockFile(), own))).toBe(JSON.stringify(bom));
    const changed: LockFile = { ...lock, packages: { ...lock.packages } };
    (changed.packages as Record<string, unknown>)['node_modules/planted'] = {
      ...{ version: '1.0.0', license: 'MIT', integrity: `sha512-${'A'.repeat(86)}==` },
    };
    const other = sbomOf(changed, own);
    expect(other.serialNumber).not.toBe(bom.serialNumber);
    expect(other.components.map(({ name }) => name)).toContain('planted');
  });
});
