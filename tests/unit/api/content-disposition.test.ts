import { expect, it } from 'vitest';
import { attachment } from '../../../server/api/content-disposition.ts';

/** The name as a browser reads it back (RFC 8187). */
function readBack(header: string): string {
  return decodeURIComponent(/filename\*=UTF-8''(\S+)$/.exec(header)?.[1] ?? '');
}

it('says a plain name twice', () => {
  expect(attachment('Front door.mp4')).toBe(
    `attachment; filename="Front door.mp4"; filename*=UTF-8''Front%20door.mp4`,
  );
});

it('keeps every language', () => {
  const name = 'Haustür 玄関 дверь.mp4';
  expect(readBack(attachment(name))).toBe(name);
  expect(attachment(name)).toContain('filename="Haust_r __ _____.mp4"');
});

it.each([
  ['../../etc/passwd', 'etc-passwd'],
  ['C:\\Windows\\x.mp4', 'C--Windows-x.mp4'],
  ['a\r\nSet-Cookie: x=1.mp4', 'aSet-Cookie- x=1.mp4'],
  ['a";filename="evil.exe', 'a-;filename=-evil.exe'],
  ['gp4.\u202eexe.mp4', 'gp4.exe.mp4'],
  ['nul\0.mp4', 'nul.mp4'],
  ['.htaccess', 'htaccess'],
])('disarms %j', (name, expected) => {
  const header = attachment(name);
  expect(header).toMatch(
    /^attachment; filename="[^"\\\r\n]*"; filename\*=UTF-8''[\w!#$&+.^`|~%-]+$/,
  );
  expect(readBack(header)).toBe(expected);
});

it.each(['', '...', '///', '\0\0', '   '])('has a name for %j', (name) => {
  expect(readBack(attachment(name)).endsWith('doorkeep.mp4')).toBe(true);
});

it('ends at 120 bytes, between characters, with its extension', () => {
  const name = readBack(attachment(`${'門'.repeat(200)}.mp4`));
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(120);
  expect(name).toMatch(/^門+\.mp4$/);
});

it('escapes what RFC 8187 does not let stand', () => {
  expect(attachment("it's (me)!.mp4")).toContain("UTF-8''it%27s%20%28me%29!.mp4");
});
