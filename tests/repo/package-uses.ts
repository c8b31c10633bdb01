/**
 * What the code of a package could reach the outside with, read from its text. It finds what is written
 * plainly, in whatever form; what hides it (`require('n' + 'et')`) is for the guard at run time and the
 * kernel below it (docs/design/supply-chain.md).
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Modules of Node that connect, listen, resolve names, or start what could. */
const MODULES = [
  ...['net', 'tls', 'dgram', 'dns', 'dns/promises', 'http', 'https', 'http2', 'quic'],
  ...['child_process', 'cluster', 'worker_threads', 'inspector', 'inspector/promises'],
];

/** Names that a browser or Node has everywhere. */
const GLOBALS = [
  ...['XMLHttpRequest', 'WebSocket', 'WebSocketStream', 'WebTransport', 'EventSource'],
  ...['RTCPeerConnection', 'sendBeacon', 'importScripts', 'serviceWorker'],
];

const IMPORT = new RegExp(
  String.raw`(?:\brequire\s*\(|\bfrom\s*|\bimport\s*\(?|\bgetBuiltinModule\s*\()\s*` +
    String.raw`['"\x60](?:node:)?(${MODULES.join('|')})['"\x60]`,
  'g',
);
const GLOBAL = new RegExp(String.raw`\b(${GLOBALS.join('|')})\b|\b(fetch)\s*\(`, 'g');
const BINDING = /\bprocess\s*\.\s*(binding|_linkedBinding|dlopen)\b/g;

/** What the text of a module uses, sorted: `net`, `fetch`, `process.binding`. Pure. */
export function usesOfText(text: string): string[] {
  const found = new Set<string>();
  for (const match of text.matchAll(IMPORT)) found.add(match[1] ?? '');
  for (const match of text.matchAll(GLOBAL)) found.add(match[1] ?? match[2] ?? '');
  for (const match of text.matchAll(BINDING)) found.add(`process.${match[1] ?? ''}`);
  return [...found].sort();
}

/** What a package uses: in the code that it is, and in what lies around it. */
export interface PackageUses {
  /** `native` stands for compiled code, which is not read. */
  readonly uses: readonly string[];
  /** Its tests, examples and benchmarks: nothing loads them, yet they lie on the box. */
  readonly testsUse: readonly string[];
}

const AROUND =
  /(^|\/)(tests?|benchmarks?|examples?|scripts)\/|\.test\.[cm]?js$|^(test|example)\.js$/;

/** Of the package in this folder, without the packages inside, which are looked at by themselves. */
export function usesOfPackage(folder: string): PackageUses {
  const code = new Set<string>();
  const around = new Set<string>();
  for (const path of codeIn(folder)) {
    const found = AROUND.test(relative(folder, path)) ? around : code;
    if (/\.(node|wasm)$/.test(path)) found.add('native');
    else for (const use of usesOfText(readFileSync(path, 'utf8'))) found.add(use);
  }
  return {
    uses: [...code].sort(),
    testsUse: [...around].filter((use) => !code.has(use)).sort(),
  };
}

function codeIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : codeIn(path);
    return /\.([cm]?js|node|wasm)$/.test(entry.name) ? [path] : [];
  });
}
