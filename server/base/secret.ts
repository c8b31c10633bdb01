/** Secrets that redact themselves, and the registry of strings that no log line may hold. */
import { createHash } from 'node:crypto';
import { inspect } from 'node:util';

/** Shown wherever a secret would have stood. */
export const REDACTED = '[secret]';

/** Below this a "secret" would black out ordinary words; such passwords are refused at sign-up,
 * but a camera may have one: it is then covered by type (`Secret`) and not by text search. */
const SHORTEST_SEARCHED_CHARS = 4;

/** A limit, because each log line is searched for every entry. Oldest leave first. */
const REGISTRY_MAX_ENTRIES = 2048;

/** Knows the live secrets of this process and masks them in any text. */
export class SecretRegistry {
  #forms = new Map<string, string>();

  /** Registers a secret in the spellings in which it could leak: raw, URL-escaped, base64, JSON. */
  add(value: string): void {
    if (value.length < SHORTEST_SEARCHED_CHARS) return;
    const key = createHash('sha256').update(value).digest('base64');
    const json = JSON.stringify(value).slice(1, -1);
    for (const form of new Set([
      value,
      encodeURIComponent(value),
      json,
      Buffer.from(value).toString('base64'),
    ])) {
      if (!this.#forms.has(form)) this.#forms.set(form, key);
    }
    while (this.#forms.size > REGISTRY_MAX_ENTRIES) {
      const oldest = this.#forms.keys().next();
      if (oldest.done === true) break;
      this.#forms.delete(oldest.value);
    }
  }

  /** `text` with every registered secret, and every `user:password@` of a URL, masked. */
  redact(text: string): string {
    let result = text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, `$1${REDACTED}@`);
    for (const form of this.#forms.keys()) {
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
