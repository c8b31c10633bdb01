/** The name that a download is offered under (RFC 6266); never a path, never used as one here. */

/** File systems end at 255 bytes; browsers add ` (1)` and an extension of their own while loading. */
const NAME_MAX_BYTES = 120;

/** What a name is cut down to when nothing of it is left. */
const FALLBACK = 'doorkeep.mp4';

/** `attachment`, with an ASCII name for old clients and the real one (RFC 8187) for the rest. */
export function attachment(fileName: string): string {
  const name = safeName(fileName);
  const ascii = name.replace(/[^\x20-\x7e]/g, '_').replace(/["\\%]/g, '_');
  // RFC 8187 attr-char: encodeURIComponent leaves these four of ours that are not among them.
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}

/** Without what means something to a file system, a shell's eye or a reader's (right-to-left
 * overrides hide extensions), at most `NAME_MAX_BYTES` in NFC, the extension kept. */
function safeName(fileName: string): string {
  const clean = fileName
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .replace(/[/\\:*?"<>|]/g, '-')
    .replace(/^[.\s-]+|[.\s]+$/g, '');
  const dot = clean.lastIndexOf('.');
  const extension = dot > 0 && clean.length - dot <= 5 ? clean.slice(dot) : '';
  let stem = '';
  let bytes = Buffer.byteLength(extension);
  for (const char of clean.slice(0, clean.length - extension.length)) {
    bytes += Buffer.byteLength(char);
    if (bytes > NAME_MAX_BYTES) break;
    stem += char;
  }
  return stem === '' ? FALLBACK : stem + extension;
}
