/** A box as the page's calls meet it, without a network: addresses of the page are relative. */

/** Answers to what the page asks, by path and query. */
export class FakeBox {
  /** The paths that were asked for, in order. */
  readonly asked: string[] = [];
  /** Nothing comes back. */
  isAway = false;
  readonly #answer: (url: URL) => Response;
  readonly #before = globalThis.fetch;

  /** Stands in for `fetch` from now on, until `restore`. */
  constructor(answer: (url: URL) => Response) {
    this.#answer = answer;
    globalThis.fetch = (address) => {
      const url = new URL(address instanceof Request ? address.url : address, 'http://box');
      this.asked.push(url.pathname);
      return this.isAway
        ? Promise.reject(new TypeError('there is no way to the box'))
        : Promise.resolve(this.#answer(url));
    };
  }

  restore(): void {
    globalThis.fetch = this.#before;
  }
}
