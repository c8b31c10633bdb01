/** Day keys of a household that is open unless a test locks it: real age files to a real identity,
 * without the process that holds it (tests/integration has that). */
import { newIdentity, recipientOf, type AgeIdentity } from '../../server/age/identity.ts';
import { openSmallFile, sealSmallFile } from '../../server/age/small-file.ts';
import { AppError } from '../../server/base/errors.ts';
import { decodeDayKey, encodeDayKey } from '../../server/keys/day-key.ts';
import type { OpenedDayKey, PayloadKeys } from '../../server/storage/sealed-payloads.ts';

/** See the head of this file. */
export class TestPayloadKeys implements PayloadKeys {
  isOpen = true;
  /** Day keys that were asked for, question by question. */
  readonly asked: number[] = [];
  recipient: string | undefined;
  readonly #identities: AgeIdentity[] = [];
  /** Called while a question is under way. */
  onAsked: () => void = () => undefined;

  static async create(): Promise<TestPayloadKeys> {
    const keys = new TestPayloadKeys();
    await keys.newKey();
    return keys;
  }

  /** From now on another identity; it opens what the ones before it did. */
  async newKey(): Promise<void> {
    const identity = await newIdentity();
    this.#identities.unshift(identity);
    this.recipient = await recipientOf(identity);
  }

  /** What the newest identity alone opens. */
  opensWithNewest(sealed: Buffer): Promise<Buffer | undefined> {
    return openSmallFile(this.#identities.slice(0, 1), sealed);
  }

  sealDayKey(dayKey: OpenedDayKey): Promise<Buffer> {
    if (this.recipient === undefined) return Promise.reject(new AppError('io', 'no household'));
    return sealSmallFile(this.recipient, encodeDayKey(dayKey));
  }

  async unwrapDayKeys(sealed: readonly Buffer[]): Promise<(OpenedDayKey | undefined)[]> {
    if (!this.isOpen) throw new AppError('locked', 'Locked.', { hint: 'Unlock.' });
    this.asked.push(sealed.length);
    const opened = await Promise.all(
      sealed.map(async (one) => {
        const secret = await openSmallFile(this.#identities, one);
        return secret === undefined ? undefined : decodeDayKey(secret);
      }),
    );
    this.onAsked();
    return opened;
  }
}
