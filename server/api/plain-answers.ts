/**
 * All that plain HTTP gets from another machine: the box's authority to trust, and the way to HTTPS.
 * No route, no session and no cookie of the app is behind it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AuthorityFile } from '../certificates/certificates.ts';
import { authorityHeaders, AUTHORITY_PATH } from './authority-file.ts';
import { ownHost, type ComingIn, type HostNames } from './request-origin.ts';

/** What the answers are made of. */
export interface PlainOptions {
  /** Names of this box. */
  readonly hostNames: HostNames;
  readonly networks: ComingIn;
  /** What to trust; undefined when the owner's certificate is shown. */
  readonly authority: () => AuthorityFile | undefined;
  /** Hears of each visit that leads to HTTPS, and has the certificate ready for it when it is done. */
  readonly cameBy: (host: string) => Promise<void>;
}

/** Answers and hangs up. */
export function answerPlainly(
  request: IncomingMessage,
  response: ServerResponse,
  { hostNames, networks, authority, cameBy }: PlainOptions,
): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  // One request per connection: whoever wants more speaks TLS.
  response.setHeader('Connection', 'close');
  const { method, url = '' } = request;
  const host = ownHost(request.headers.host, hostNames, networks);
  const isReading = method === 'GET' || method === 'HEAD';
  // A body, if there is one, is not read.
  if (
    !isReading ||
    host === undefined ||
    !url.startsWith('/') ||
    !networks.has(request.socket.remoteAddress)
  ) {
    end(response, 404);
    return;
  }
  if (url === AUTHORITY_PATH) {
    const file = authority();
    if (file === undefined) {
      end(response, 404);
      return;
    }
    void cameBy(host).then(() => {
      response.writeHead(200, authorityHeaders(file));
      response.end(method === 'HEAD' ? undefined : file.pem);
    });
    return;
  }
  if (isPicture(request)) {
    end(response, 404);
    return;
  }
  void cameBy(host).then(() => {
    // 308 keeps the method (RFC 9110 15.4.9). It is never stored: the port may be plain again one day.
    response.writeHead(308, { Location: `https://${host}${url}`, 'Content-Length': 0 });
    response.end();
  });
}

/** What a browser says a page embeds. On plain HTTP few say it, and a missing word is no reason. */
function isPicture({ headers }: IncomingMessage): boolean {
  const mode = headers['sec-fetch-mode'];
  return typeof mode === 'string' && mode !== 'navigate';
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'Content-Length': 0 });
  response.end();
}
