/** How the box's authority is handed out, over HTTPS and over plain HTTP alike. */
import type { AuthorityFile } from '../certificates/certificates.ts';

/** Short, because people type it into phones. */
export const AUTHORITY_PATH = '/ca.crt';

/** The name is made of letters, digits and hyphens (box-names.ts). `inline`: with `attachment` iOS puts it among files instead of offering to install it, and
 * Firefox saves it instead of asking what to trust it for. */
export function authorityHeaders(file: AuthorityFile): Record<string, string> {
  return {
    'Content-Type': 'application/x-x509-ca-cert',
    'Content-Disposition': `inline; filename="${file.fileName}"`,
    'Content-Length': String(Buffer.byteLength(file.pem)),
  };
}
