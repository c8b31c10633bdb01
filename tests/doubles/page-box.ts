/** The box as the state of the page knows it: what it answers about the lock, without a socket. */

/** Takes the place of `fetch` until `leave` is called. */
export class PageBox {
  /** Its own truth. */
  locked = false;
  /** It cannot lock, and takes no password. */
  refuses = false;
  /** "POST /api/lock": all that was asked, in order. */
  readonly asked: string[] = [];
  readonly #before = globalThis.fetch;

  constructor() {
    globalThis.fetch = (path, init) => {
      const line = `${init?.method ?? 'GET'} ${path as string}`;
      this.asked.push(line);
      return Promise.resolve(this.#answer(line));
    };
  }

  leave(): void {
    globalThis.fetch = this.#before;
  }

  #answer(line: string): Response {
    switch (line) {
      case 'GET /api/health':
        return json({ version: '1', setUp: true });
      case 'GET /api/session':
        return json({
          user: 'sam',
          role: 'owner',
          mayExport: true,
          locked: this.locked,
          liveOnly: false,
        });
      case 'POST /api/lock':
        if (this.refuses) return problem(503, { type: 'urn:doorkeep:problem:unavailable' });
        this.locked = true;
        return new Response(null, { status: 204 });
      case 'POST /api/unlock':
        if (this.refuses) return problem(401, { reason: 'wrong-password' });
        this.locked = false;
        return new Response(null, { status: 204 });
      case 'POST /api/exports':
        return this.locked ? problem(423, { reason: 'locked' }) : json({ id: '1' });
      default:
        return problem(404, {});
    }
  }
}

function json(body: object): Response {
  return Response.json(body);
}

function problem(status: number, more: object): Response {
  const body = { type: 'urn:doorkeep:problem:other', detail: 'No.', ...more };
  const headers = { 'Content-Type': 'application/problem+json' };
  return new Response(JSON.stringify(body), { status, headers });
}
