/** Secrets that redact themselves, and the registry of strings that no log line may hold. */
import { inspect } from 'node:util';

/** Shown wherever a secret would have stood. */
export const REDACTED = '[secret]';

/** Below this a "secret" would black out ordinary words; such passwords are refused at sign-up,
 * but a camera may have one: it is then covered by type (`Secret`) and not by text search. */
const SHORTEST_SEARCHED_CHARS = 4;

/** A limit, because each log line is searched for every entry. Oldest leave first. */
const REGISTRY_MAX_ENTRIES = 2048;

/** What stands before the last `@` of a URL's authority (RFC 3986 3.2.1); people type passwords with
 * an `@` in them. A quotation mark ends it, unless JSON escaped it: log lines are JSON. */
const USERINFO = /([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/?#"\\]|\\.)*@/gi;

/** Knows the live secrets of this process and masks them in any text. */
export class SecretRegistry {
  /** Spellings, oldest first. */
  readonly #forms = new Set<string>();
  /** The same, longest first: one secret may be the beginning of another. */
  #longestFirst: readonly string[] | undefined;

  /** Registers a secret in the spellings in which it could leak: raw, URL-escaped, base64, JSON. */
  add(value: string): void {
    if (value.length < SHORTEST_SEARCHED_CHARS) return;
    const bytes = Buffer.from(value);
    for (const form of [
      value,
      // By way of bytes, because encodeURIComponent throws for half a surrogate pair.
      encodeURIComponent(bytes.toString()),
      JSON.stringify(value).slice(1, -1),
      bytes.toString('base64'),
    ]) {
      // Deleted first, so that what is registered again counts as new.
      this.#forms.delete(form);
      this.#forms.add(form);
    }
    for (const oldest of this.#forms) {
      if (this.#forms.size <= REGISTRY_MAX_ENTRIES) break;
      this.#forms.delete(oldest);
    }
    this.#longestFirst = undefined;
  }

  /** `text` with every registered secret, and every `user:password@` of a URL, masked. */
  redact(text: string): string {
    this.#longestFirst ??= [...this.#forms].sort((a, b) => b.length - a.length);
    let result = text.replaceAll(USERINFO, `$1${REDACTED}@`);
    for (const form of this.#longestFirst) {
      if (result.includes(form)) result = result.replaceAll(form, REDACTED);
    }
    return result;
  }
}

/** The registry of this process. Process-wide on purpose: a secret is secret everywhere. */
export const secrets = new SecretRegistry();

/** A string that prints as `[secret]` in every way a value can be turned into text. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
    secrets.add(value);
  }

  /** The plain value. Call it at the last moment, and never put the result into a message. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
