/** `npm run release -- COMMAND`: what maintainers publish. docs/guide/releases.md says in which order. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { SystemClock } from '../base/clock.ts';
import { AppError, toAppError } from '../base/errors.ts';
import { toRfc3339 } from '../base/time.ts';
import { PACKAGE_ROOT, programVersion } from '../config.ts';
import { SCHEMA_VERSION } from '../storage/migrations.ts';
import {
  keyName,
  parseReleaseKeys,
  publicBytesOf,
  RELEASE_KEYS_PATH,
} from '../update/release-keys.ts';
import type { LockFile } from './lock-file.ts';
import { makeUpdate } from './make-update.ts';
import { sbomOf } from './sbom.ts';

const USAGE = `Use: npm run release -- COMMAND
  sbom                                       the bill of materials, to standard output
  new-key FILE                               a key that releases are signed with
  update FOLDER --key FILE --out FOLDER      the update made of everything in the folder`;

/** A database of another version is not this program's: the file that says so must be the same. */
const MIGRATIONS_PATH = 'server/storage/migrations.ts';

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function main([command, ...args]: readonly string[]): void {
  switch (command) {
    case 'sbom':
      printSbom();
      return;
    case 'new-key':
      newKey(args);
      return;
    case 'update':
      update(args);
      return;
    default:
      throw new AppError('invalid', 'There is no such command.', { hint: USAGE });
  }
}

function printSbom(): void {
  const lock = JSON.parse(
    readFileSync(join(PACKAGE_ROOT, 'package-lock.json'), 'utf8'),
  ) as LockFile;
  print(JSON.stringify(sbomOf(lock, { name: 'doorkeep', version: programVersion() }), null, 2));
}

function newKey([path]: readonly string[]): void {
  if (path === undefined) throw new AppError('invalid', 'Name the file.', { hint: USAGE });
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
  // Never over another one: what it signs cannot be signed again without it.
  writeFileSync(fromHere(path), pem, { flag: 'wx', mode: 0o600 });
  const bytes = publicBytesOf(publicKey);
  print(`For the list in ${RELEASE_KEYS_PATH}:`);
  print(
    JSON.stringify({ name: keyName(bytes), publicKey: bytes.toString('base64'), from: today() }),
  );
}

function update(args: readonly string[]): void {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { key: { type: 'string' }, out: { type: 'string' } },
    allowPositionals: true,
  });
  const [folder] = positionals;
  const { key, out } = values;
  if (folder === undefined || key === undefined || out === undefined) {
    throw new AppError('invalid', 'Folder, key and place are needed.', { hint: USAGE });
  }
  const files = filesBelow(fromHere(folder));
  const version = programVersion();
  const privateKey = createPrivateKey(readFileSync(fromHere(key)));
  mustBeThisProgram(files, version);
  const keys = parseReleaseKeys(textOf(files, RELEASE_KEYS_PATH));
  if (!keys.has(keyName(publicBytesOf(privateKey)))) {
    throw new AppError('invalid', `This key is not in ${RELEASE_KEYS_PATH}.`, {
      hint: 'Put its public half there and commit it: boxes take what a key in their list has signed.',
    });
  }
  const parts = { version, releasedOn: today(), schemaVersion: SCHEMA_VERSION, files, privateKey };
  const target = join(fromHere(out), `doorkeep-${version}.update`);
  const bytes = makeUpdate(parts);
  writeFileSync(target, bytes, { flag: 'wx' });
  print(`${target}: ${String(files.size + 1)} files, ${String(bytes.length)} bytes`);
}

/** What is signed is said to have this program's version and database. */
function mustBeThisProgram(files: ReadonlyMap<string, Buffer>, version: string): void {
  const program: unknown = JSON.parse(textOf(files, 'package.json'));
  const isSame =
    typeof program === 'object' &&
    program !== null &&
    'version' in program &&
    program.version === version &&
    textOf(files, MIGRATIONS_PATH) === readFileSync(join(PACKAGE_ROOT, MIGRATIONS_PATH), 'utf8');
  if (isSame) return;
  throw new AppError('invalid', 'The folder holds another version than the one that runs this.', {
    hint: 'Run this in the same commit that the folder was made from.',
  });
}

function textOf(files: ReadonlyMap<string, Buffer>, name: string): string {
  const bytes = files.get(name);
  if (bytes === undefined) throw new AppError('invalid', `The folder has no ${name}.`);
  return bytes.toString('utf8');
}

/** Every plain file; anything else in the folder ends it, because it would be missing. */
function filesBelow(folder: string): Map<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const odd = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (odd !== undefined) throw new AppError('invalid', `${odd.name} is no plain file.`);
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    paths.map((path) => [relative(folder, path).split(sep).join('/'), readFileSync(path)]),
  );
}

function today(): string {
  return toRfc3339(new SystemClock().wallMs()).slice(0, 'yyyy-mm-dd'.length);
}

/** npm goes to the folder of package.json; files are named from where the person is. */
function fromHere(path: string): string {
  return resolve(process.env['INIT_CWD'] ?? process.cwd(), path);
}

try {
  main(process.argv.slice(2));
} catch (thrown) {
  const { message, hint } = toAppError(thrown);
  process.stderr.write(`${message}\n${hint ?? ''}\n`);
  process.exitCode = 2;
}
