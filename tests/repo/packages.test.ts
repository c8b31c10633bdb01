/**
 * Every package that is on a box stands in docs/ref/packages.json: its licence, what brings it, and
 * what of it could reach the outside, with the reason why it does not.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../server/config.ts';
import { usesOfPackage, usesOfText } from './package-uses.ts';
import { productionPackages, readLockFile } from './production-packages.ts';
import { textOf } from './tree.ts';

interface Listed {
  licence: string;
  /** Where the lock file has no licence: how it is known. */
  licenceNote?: string;
  /** Of a package in package.json: what it is there for. */
  why?: string;
  /** The packages of package.json that bring it. */
  for?: string[];
  uses?: string[];
  /** Why what it uses reaches nobody outside. */
  because?: string;
  testsUse?: string[];
}

/** A package under another licence is a decision, with a page in docs/adr. */
const LICENCES = new Set([
  ...['0BSD', 'Apache-2.0', 'BSD-3-Clause', 'ISC', 'MIT', 'unstated'],
  ...['(MIT OR WTFPL)', '(BSD-2-Clause OR MIT OR Apache-2.0)'],
  // A program that is run as it is, never imported (ADR 5).
  'GPL-3.0-or-later',
]);

/** 25 MB are read: two seconds alone, more beside other tests. */
const READING_TIMEOUT_MS = 60_000;

const lock = readLockFile();
const listed = JSON.parse(textOf('docs/ref/packages.json')) as Record<string, Listed>;
const found = productionPackages(lock);
const direct = Object.keys(lock.packages['']?.dependencies ?? {});

describe('docs/ref/packages.json', () => {
  it('lists each package that is on a box, and none that is not', () => {
    expect(found.size).toBeGreaterThan(100);
    expect(Object.keys(listed)).toEqual([...found.keys()]);
  });

  it('says under which licence each is, and that is one we know', () => {
    const licences = (of: Iterable<[string, { licence: string }]>): Record<string, string> =>
      Object.fromEntries([...of].map(([name, { licence }]) => [name, licence]));
    expect(licences(Object.entries(listed))).toEqual(licences(found));
    const unknown = [...found].filter(([, { licence }]) => !LICENCES.has(licence));
    expect(unknown.map(([name]) => name)).toEqual([]);
    const unexplained = Object.entries(listed).filter(
      ([, { licence, licenceNote }]) => licence === 'unstated' && (licenceNote ?? '') === '',
    );
    expect(unexplained).toEqual([]);
  });

  it('says why each is there: by a sentence, or by what brings it', () => {
    const wrong = [...found].filter(([name, { for: bringers }]) => {
      const others = bringers.filter((bringer) => bringer !== name);
      const { why, for: said = [] } = listed[name] ?? { licence: '' };
      const isSaid = direct.includes(name) ? /^[A-Z].*\.$/.test(why ?? '') : said.length > 0;
      return !isSaid || said.join() !== others.join();
    });
    expect(wrong.map(([name, { for: bringers }]) => ({ name, for: bringers }))).toEqual([]);
  });

  it(
    'names what in the code of each could reach the outside, with a reason',
    {
      timeout: READING_TIMEOUT_MS,
    },
    () => {
      const present = [...found].flatMap(([name, { folders }]) => {
        const here = folders.map((folder) => join(PACKAGE_ROOT, folder)).filter(existsSync);
        const uses = here.map(usesOfPackage);
        return here.length === 0
          ? []
          : [{ name, uses: union(uses.map((of) => of.uses)), all: uses }];
      });
      expect(present.length).toBeGreaterThan(100);
      // A driver that is not compiled yet has no code to list.
      const plain = (uses: readonly string[] = []): string[] =>
        uses.filter((use) => use !== 'native');
      const isNew = present.filter(
        ({ name, uses }) =>
          uses.some((use) => !(listed[name]?.uses ?? []).includes(use)) ||
          plain(uses).join() !== plain(listed[name]?.uses).join(),
      );
      expect(isNew.map(({ name, uses }) => ({ name, uses }))).toEqual([]);
      const around = present.map(({ name, uses, all }) => ({
        name,
        testsUse: union(all.map((of) => of.testsUse)).filter((use) => !uses.includes(use)),
      }));
      const isOther = around.filter(
        ({ name, testsUse }) => plain(testsUse).join() !== plain(listed[name]?.testsUse).join(),
      );
      expect(isOther).toEqual([]);
      const unexplained = Object.entries(listed).filter(
        ([, { uses, because }]) => (uses !== undefined) !== /^[A-Z].*\.$/.test(because ?? ''),
      );
      expect(unexplained.map(([name]) => name)).toEqual([]);
    },
  );
});

describe('a package that reaches the outside', () => {
  it.each([
    ["const net = require('net');", 'net'],
    ['const {connect}=require("node:tls")', 'tls'],
    ["import dgram from 'node:dgram';", 'dgram'],
    ["import{lookup}from'dns/promises'", 'dns/promises'],
    ["import 'http2';", 'http2'],
    ["const http = await import('node:http');", 'http'],
    ["process.getBuiltinModule('https')", 'https'],
    ["require(`child_process`).spawn('curl')", 'child_process'],
    ["export { request } from 'node:https';", 'https'],
    ["await fetch ('https://example.com')", 'fetch'],
    ['new XMLHttpRequest()', 'XMLHttpRequest'],
    ["new WebSocket('wss://example.com')", 'WebSocket'],
    ["navigator.sendBeacon('/x')", 'sendBeacon'],
    ['new RTCPeerConnection({})', 'RTCPeerConnection'],
    ["navigator.serviceWorker.register('/sw.js')", 'serviceWorker'],
    ["process.binding('tcp_wrap')", 'process.binding'],
  ])('is seen: %s', (text, use) => {
    expect(usesOfText(text)).toEqual([use]);
  });

  it.each(["import { isIP } from './net.js';", "const a = 'http';", 'prefetch(x); fetcher.y()'])(
    'is not mistaken for another: %s',
    (text) => {
      expect(usesOfText(text)).toEqual([]);
    },
  );
});

function union(lists: readonly (readonly string[])[]): string[] {
  return [...new Set(lists.flat())].sort();
}
