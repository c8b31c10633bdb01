/** The six settings that come from the environment; everything else is set in the page. */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError } from './base/errors.ts';
import type { BoxNames } from './certificates/box-names.ts';
import { toldAddresses } from './reach/told-addresses.ts';

/** Who can have told the kernel. */
const CONFINERS = ['systemd', 'nftables'] as const;

/** See docs/ref/config.md. */
export interface Config {
  /** `DOORKEEP_DATA`: absolute path of the data folder. */
  readonly dataPath: string;
  /** `DOORKEEP_HOST`: address to listen on; undefined leaves it to the setting `reach`. */
  readonly host: string | undefined;
  /** `DOORKEEP_PORT`: 0 takes a free one. */
  readonly port: number;
  /** `DOORKEEP_ADDRESSES`: where phones find the machine, said because it cannot know. */
  readonly addresses?: BoxNames;
  /** `DOORKEEP_FFMPEG`, else what set-up found, else `ffmpeg` on the PATH. */
  readonly ffmpegPath: string;
  /** Version of the program. */
  readonly version: string;
  /** `DOORKEEP_CONFINED_BY`, which systemd's unit and the container's start say and nobody else: who told the
   * kernel what may leave (docs/design/confinement.md). */
  readonly confinedBy?: (typeof CONFINERS)[number] | undefined;
}

/** The root of the package: the folder of package.json, from sources and from build output alike. */
export const PACKAGE_ROOT = findPackageRoot(fileURLToPath(import.meta.url));

/** Reads and checks the environment. Throws `invalid` AppErrors that name the variable. */
export function readConfig(env: NodeJS.ProcessEnv, workingDirectory: string): Config {
  const named = nonEmpty(env['DOORKEEP_HOST']);
  const host = named === 'localhost' ? '127.0.0.1' : named;
  // Not a name: looking it up would ask somebody outside the box.
  if (host !== undefined && isIP(host) === 0) {
    throw new AppError('invalid', `DOORKEEP_HOST is ${host}, which is not an address.`, {
      reason: 'settings',
      hint: 'Use one of this machine’s, like 192.168.1.20; 0.0.0.0 for all; 127.0.0.1 for itself.',
    });
  }
  const portText = nonEmpty(env['DOORKEEP_PORT']) ?? '8080';
  const port = Number(portText);
  if (!/^\d{1,5}$/.test(portText) || port > 65_535) {
    throw new AppError('invalid', `DOORKEEP_PORT is ${portText}, which is not a port.`, {
      reason: 'settings',
      hint: 'Use a number from 1 to 65535; 0 takes any free port.',
    });
  }
  return {
    dataPath: dataPathOf(env, workingDirectory),
    host,
    port,
    addresses: toldAddresses(env['DOORKEEP_ADDRESSES'] ?? ''),
    ffmpegPath: commandPath(
      nonEmpty(env['DOORKEEP_FFMPEG']) ?? ffmpegFromSetup() ?? 'ffmpeg',
      workingDirectory,
      env['PATH'] ?? '',
    ),
    version: programVersion(),
    confinedBy: CONFINERS.find((one) => one === env['DOORKEEP_CONFINED_BY']),
  };
}

/** `DOORKEEP_DATA` alone, for commands that need none of the others. */
export function dataPathOf(env: NodeJS.ProcessEnv, workingDirectory: string): string {
  return resolve(workingDirectory, nonEmpty(env['DOORKEEP_DATA']) ?? './data');
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}

/** Where a command is. Looked up here, because ffmpeg is started with an empty environment and so
 * without a PATH. A name that is nowhere stays a name, and starting it says what is wrong. */
function commandPath(command: string, workingDirectory: string, searchPath: string): string {
  if (command.includes('/')) return resolve(workingDirectory, command);
  const folders = searchPath.split(':').filter((folder) => folder !== '');
  return folders.map((folder) => resolve(folder, command)).find(canRun) ?? command;
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What server/setup wrote down: the ffmpeg it found or installed. */
function ffmpegFromSetup(): string | undefined {
  const path = resolve(PACKAGE_ROOT, 'dist/setup.json');
  if (!existsSync(path)) return undefined;
  const setup: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (typeof setup !== 'object' || setup === null || !('ffmpeg' in setup)) return undefined;
  return typeof setup.ffmpeg === 'string' ? setup.ffmpeg : undefined;
}

/** Of the program, as package.json says. */
export function programVersion(): string {
  const json: unknown = JSON.parse(readFileSync(resolve(PACKAGE_ROOT, 'package.json'), 'utf8'));
  if (typeof json !== 'object' || json === null || !('version' in json)) return 'unknown';
  return typeof json.version === 'string' ? json.version : 'unknown';
}

function findPackageRoot(from: string): string {
  let folder = resolve(from, '..');
  // Three levels at most: server/config.ts, dist/server/config.js.
  for (let level = 0; level < 3; level += 1) {
    if (existsSync(resolve(folder, 'package.json'))) return folder;
    folder = resolve(folder, '..');
  }
  throw new AppError('internal', 'package.json was not found beside the program');
}
