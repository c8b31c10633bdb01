import { describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { monotonicMs } from '../../../server/base/time.ts';
import type { Fragment } from '../../../server/fmp4/fragment.ts';
import {
  Hub,
  type DroppedMessage,
  type OverflowPolicy,
  type Subscription,
} from '../../../server/ingest/hub.ts';
import type { HubMessage, StreamRun } from '../../../server/ingest/stream-run.ts';
import { madeFrame, madeFrames, madeRun } from '../../fixtures/made-media.ts';

type Message = HubMessage | DroppedMessage;

const FRAME_BYTES = 1_000;
/** What the hub counts for one frame of 1,000 bytes: the bytes and the objects around them. */
const FRAME_COST = FRAME_BYTES + 256;
const ROOMY = { maxItems: 1_000, maxBytes: 10_000_000 };

const run = madeRun(1_000_000);

function media(fragment: Fragment, arrivedMs = 0): HubMessage {
  return { type: 'fragment', fragment, arrivedMs: monotonicMs(arrivedMs) };
}

/** A frame of 100 ms that arrives when it ends. */
function live(atMs: number, isKey: boolean): HubMessage {
  return media(madeFrame({ atMs, durationMs: 100, key: isKey }), 50_000 + atMs + 100);
}

function key(atMs: number, sizeBytes = FRAME_BYTES): HubMessage {
  return media(madeFrame({ atMs, durationMs: 100, key: true, sizeBytes }));
}

function delta(atMs: number): HubMessage {
  return media(madeFrame({ atMs, durationMs: 100, key: false, sizeBytes: FRAME_BYTES }));
}

function sound(): HubMessage {
  const fragment = madeFrame({ atMs: 0, durationMs: 100, key: true, sizeBytes: 100 });
  return media({ ...fragment, kind: 'audio' });
}

/** A message in one word: `run`, `key@100`, `delta@200`, `sound`, `dropped:3`, `end`. */
function word(message: Message): string {
  if (message.type === 'dropped') return `dropped:${message.frames}`;
  if (message.type !== 'fragment') return message.type;
  const { fragment } = message;
  if (fragment.kind === 'audio') return 'sound';
  return `${fragment.key ? 'key' : 'delta'}@${fragment.decodeTimeTicks / 90}`;
}

function publishAll(hub: Hub, messages: readonly HubMessage[]): void {
  for (const message of messages) hub.publish(message);
}

/** Everything that waits for a subscriber, and then its end. */
async function rest(subscription: Subscription<OverflowPolicy>): Promise<string[]> {
  subscription.close();
  const words: string[] = [];
  for await (const message of subscription) words.push(word(message));
  return words;
}

function viewer(hub: Hub, maxItems: number, from: 'gop' | 'next' = 'next') {
  const limits = { maxItems, maxBytes: 10_000_000 };
  return hub.subscribe({ policy: 'drop-to-keyframe', limits, from });
}

describe('delivery', () => {
  it('gives each subscriber every message in order', async () => {
    const hub = new Hub();
    const first = viewer(hub, 100);
    const second = hub.subscribe({ policy: 'lossless-or-abort', limits: ROOMY, from: 'next' });
    publishAll(hub, [{ type: 'run', run }, key(0), sound(), delta(100)]);
    hub.publish({ type: 'end', reason: 'stalled', error: undefined });
    const expected = ['run', 'key@0', 'sound', 'delta@100', 'end'];
    expect(await rest(first)).toEqual(expected);
    expect(await rest(second)).toEqual(expected);
  });

  it('wakes a subscriber that waits, however the messages fall', async () => {
    const hub = new Hub();
    const subscription = viewer(hub, 1_000);
    const words: string[] = [];
    const reading = (async () => {
      for await (const message of subscription) words.push(word(message));
    })();
    const expected: string[] = [];
    for (let round = 0; round < 50; round += 1) {
      // Bursts of none, one or two, with one to three turns of the microtask queue between them.
      for (let i = 0; i < round % 3; i += 1) {
        const message = key(expected.length * 100);
        expected.push(word(message));
        hub.publish(message);
      }
      for (let turn = 0; turn <= round % 3; turn += 1) await Promise.resolve();
    }
    hub.close();
    await reading;
    expect(words).toEqual(expected);
  });

  it('ends a waiting subscriber at close, after what is queued', async () => {
    const hub = new Hub();
    const subscription = viewer(hub, 10);
    const reading = subscription[Symbol.asyncIterator]();
    const waiting = reading.next();
    hub.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(hub.viewers).toBe(0);
  });

  it('does not keep a subscriber that closed and never read', () => {
    const hub = new Hub();
    viewer(hub, 10).close();
    expect(hub.viewers).toBe(0);
  });

  it('unsubscribes whoever leaves the loop', async () => {
    const hub = new Hub();
    const subscription = viewer(hub, 10);
    publishAll(hub, [{ type: 'run', run }, key(0)]);
    for await (const message of subscription) {
      expect(message.type).toBe('run');
      break;
    }
    expect(hub.viewers).toBe(0);
    hub.publish(delta(100));
    expect(subscription.queuedBytes).toBe(0);
  });
});

describe('a late subscriber', () => {
  it('begins with the run and the GOP in memory, and goes on without a break', async () => {
    const hub = new Hub();
    publishAll(hub, [{ type: 'run', run }, key(0), delta(100), key(200), delta(300), sound()]);
    const late = viewer(hub, 100, 'gop');
    hub.publish(delta(400));
    expect(await rest(late)).toEqual(['run', 'key@200', 'delta@300', 'sound', 'delta@400']);
  });

  it('begins with the run and what comes next when it asks for that', async () => {
    const hub = new Hub();
    publishAll(hub, [{ type: 'run', run }, key(0)]);
    const late = viewer(hub, 100, 'next');
    hub.publish(delta(100));
    expect(await rest(late)).toEqual(['run', 'delta@100']);
  });

  it('gets nothing between two runs', async () => {
    const hub = new Hub();
    publishAll(hub, [{ type: 'run', run }, key(0)]);
    hub.publish({ type: 'end', reason: 'stalled', error: undefined });
    expect(hub.recentGop()).toBeUndefined();
    expect(await rest(viewer(hub, 100, 'gop'))).toEqual([]);
  });

  it('gets the run and waits for a key frame when the GOP does not fit', async () => {
    const hub = new Hub();
    publishAll(hub, [{ type: 'run', run }, key(0), delta(100), delta(200), delta(300)]);
    const late = viewer(hub, 3, 'gop');
    publishAll(hub, [delta(400), key(500)]);
    expect(await rest(late)).toEqual(['run', 'dropped:5', 'key@500']);
  });
});

describe('lossless-or-abort', () => {
  it('aborts a stalled consumer with what it holds bounded', async () => {
    const hub = new Hub();
    const limits = { maxItems: 1_000, maxBytes: 10 * FRAME_COST };
    const subscription = hub.subscribe({ policy: 'lossless-or-abort', limits, from: 'next' });
    for (const fragment of madeFrames({ lengthMs: 60_000, gopMs: 2_000 })) {
      hub.publish(media(fragment));
      expect(subscription.queuedBytes).toBeLessThanOrEqual(limits.maxBytes);
    }
    let read = 0;
    const reading = (async () => {
      for await (const message of subscription) read += message.type === 'fragment' ? 1 : 0;
    })();
    await expect(reading).rejects.toThrow(AppError);
    await expect(reading).rejects.toMatchObject({ kind: 'exhausted', reason: 'too-slow' });
    expect(read).toBe(10);
  });

  it('aborts at the limit of items too', async () => {
    const hub = new Hub();
    const limits = { maxItems: 2, maxBytes: 10_000_000 };
    const subscription = hub.subscribe({ policy: 'lossless-or-abort', limits, from: 'next' });
    publishAll(hub, [key(0), delta(100), delta(200), key(300)]);
    const words: string[] = [];
    const reading = (async () => {
      for await (const message of subscription) words.push(word(message));
    })();
    await expect(reading).rejects.toMatchObject({ reason: 'too-slow' });
    expect(words).toEqual(['key@0', 'delta@100']);
  });
});

describe('drop-to-keyframe', () => {
  it('goes on at the next key frame and says how many frames are missing', async () => {
    const hub = new Hub();
    const subscription = viewer(hub, 4);
    publishAll(hub, [{ type: 'run', run }, key(0), delta(100), delta(200), sound(), delta(300)]);
    publishAll(hub, [key(400), delta(500)]);
    expect(await rest(subscription)).toEqual(['run', 'dropped:4', 'key@400', 'delta@500']);
    expect(subscription.droppedTotal).toBe(4);
  });

  it('keeps a stalled viewer within its limits for ever', () => {
    const hub = new Hub();
    const limits = { maxItems: 1_000, maxBytes: 20 * FRAME_COST };
    const subscription = hub.subscribe({ policy: 'drop-to-keyframe', limits, from: 'next' });
    hub.publish({ type: 'run', run });
    for (const fragment of madeFrames({ lengthMs: 600_000, gopMs: 1_000 })) {
      hub.publish(media(fragment));
      expect(subscription.queuedBytes).toBeLessThanOrEqual(limits.maxBytes);
    }
    expect(hub.viewers).toBe(1);
  });

  it('accounts for every frame, delivered or dropped', async () => {
    const hub = new Hub();
    const subscription = viewer(hub, 7);
    hub.publish({ type: 'run', run });
    const frames = madeFrames({ lengthMs: 20_000, gopMs: 900 });
    const reading = subscription[Symbol.asyncIterator]();
    let delivered = 0;
    let told = 0;
    const take = ({ value, done }: IteratorResult<Message>): boolean => {
      if (done === true) return false;
      if (value.type === 'dropped') told += value.frames;
      else if (value.type === 'fragment') delivered += 1;
      return true;
    };
    for (const [index, fragment] of frames.entries()) {
      hub.publish(media(fragment));
      if (index % 4 === 0 && subscription.queuedBytes > 0) take(await reading.next());
    }
    // The next key frame brings the last count.
    hub.publish(key(20_000));
    hub.publish(key(20_100));
    hub.close();
    while (take(await reading.next())) continue;
    expect(delivered + told).toBe(frames.length + 2);
    expect(told).toBe(subscription.droppedTotal);
    expect(told).toBeGreaterThan(0);
  });

  it('never loses the message that a run begins', async () => {
    const hub = new Hub();
    const subscription = viewer(hub, 3);
    const other: StreamRun = madeRun(2_000_000);
    publishAll(hub, [{ type: 'run', run }, key(0), delta(100)]);
    // The queue is full: of what is dropped, and of what comes, the newest run stays.
    hub.publish({ type: 'end', reason: 'disconnected', error: undefined });
    hub.publish({ type: 'run', run: other });
    publishAll(hub, [key(0), delta(100), delta(200), key(300)]);
    subscription.close();
    let current: StreamRun | undefined;
    const under: (StreamRun | undefined)[] = [];
    for await (const message of subscription) {
      if (message.type === 'run') current = message.run;
      else if (message.type === 'fragment') under.push(current);
    }
    expect(under.length).toBeGreaterThan(0);
    expect(new Set(under)).toEqual(new Set([other]));
  });

  it('delivers the run that it had not read when the queue overflowed', async () => {
    const hub = new Hub();
    const subscription = viewer(hub, 4);
    publishAll(hub, [{ type: 'run', run }, key(0), delta(100), delta(200), delta(300), key(400)]);
    expect(await rest(subscription)).toEqual(['run', 'dropped:4', 'key@400']);
  });

  it('says that the picture ended, also to a viewer who could not keep up', async () => {
    const hub = new Hub();
    const subscription = viewer(hub, 2);
    publishAll(hub, [{ type: 'run', run }, key(0)]);
    hub.publish({ type: 'end', reason: 'stalled', error: undefined });
    expect(await rest(subscription)).toEqual(['end']);
  });

  it('passes over a key frame that can never fit, and what needs it', async () => {
    const hub = new Hub();
    const limits = { maxItems: 100, maxBytes: 10_000 };
    const subscription = hub.subscribe({ policy: 'drop-to-keyframe', limits, from: 'next' });
    publishAll(hub, [{ type: 'run', run }, key(0, 20_000), delta(100), delta(200), key(300)]);
    expect(await rest(subscription)).toEqual(['run', 'dropped:3', 'key@300']);
  });

  it('leaves the others alone', async () => {
    const hub = new Hub();
    viewer(hub, 2);
    const quick = viewer(hub, 1_000);
    hub.publish({ type: 'run', run });
    const frames = madeFrames({ lengthMs: 30_000, gopMs: 1_000 });
    for (const fragment of frames) hub.publish(media(fragment));
    expect(await rest(quick)).toHaveLength(1 + frames.length);
    expect(quick.droppedTotal).toBe(0);
  });
});

describe('the GOP in memory', () => {
  it('is forgotten when it grows beyond its bytes, until the next key frame', () => {
    const hub = new Hub();
    hub.publish({ type: 'run', run });
    publishAll(hub, [key(0, 20 * 1024 * 1024), key(100, 20 * 1024 * 1024)]);
    expect(hub.recentGop()?.messages).toHaveLength(1);
    hub.publish(media(madeFrame({ atMs: 200, durationMs: 100, key: false, sizeBytes: 16 << 20 })));
    expect(hub.recentGop()).toBeUndefined();
    hub.publish(delta(300));
    expect(hub.recentGop()).toBeUndefined();
    hub.publish(key(400));
    expect(hub.recentGop()?.messages).toHaveLength(1);
  });

  it('is forgotten when it grows beyond 2,000 fragments', () => {
    const hub = new Hub();
    hub.publish({ type: 'run', run });
    const frames = madeFrames({ lengthMs: 200_100, gopMs: 1_000_000, sizeBytes: 1 });
    for (const fragment of frames.slice(0, 2_000)) hub.publish(media(fragment));
    expect(hub.recentGop()?.messages).toHaveLength(2_000);
    hub.publish(media(frames[2_000]!));
    expect(hub.recentGop()).toBeUndefined();
  });
});

describe('a limit in time', () => {
  const begin: HubMessage = { type: 'run', run };

  function inTime(hub: Hub, from: 'gop' | 'next' = 'next'): Subscription<'drop-to-keyframe'> {
    return hub.subscribe({
      ...{ policy: 'drop-to-keyframe', limits: ROOMY, from, maxWaitMs: 1_000 },
    });
  }

  /** A key frame each second. */
  function stretch(fromMs: number, toMs: number): HubMessage[] {
    const frames: HubMessage[] = [];
    for (let at = fromMs; at < toMs; at += 100) frames.push(live(at, at % 1_000 === 0));
    return frames;
  }

  it('drops what has waited longer, and says how long that was', async () => {
    const hub = new Hub();
    const subscription = inTime(hub);
    publishAll(hub, [begin, ...stretch(0, 2_100)]);
    subscription.close();
    const messages: Message[] = [];
    for await (const message of subscription) messages.push(message);
    expect(messages.map(word)).toEqual(['run', 'dropped:20', 'key@2000']);
    expect(messages[1]).toEqual({ type: 'dropped', frames: 20, behindMs: 1_100 });
  });

  it('does not touch who is up to a second late', async () => {
    const hub = new Hub();
    const subscription = inTime(hub);
    publishAll(hub, [begin, ...stretch(0, 1_100)]);
    expect(await rest(subscription)).toHaveLength(12);
    expect(subscription.droppedTotal).toBe(0);
  });

  it('counts for the GOP in memory from the moment of subscribing', async () => {
    const hub = new Hub();
    publishAll(hub, [begin, live(0, true), ...stretch(5_100, 5_900)]);
    const subscription = inTime(hub, 'gop');
    publishAll(hub, stretch(5_900, 6_800));
    expect(await rest(subscription)).toHaveLength(19);
    const late = inTime(hub, 'gop');
    publishAll(hub, stretch(6_800, 8_100));
    expect(await rest(late)).toEqual(['run', 'dropped:20', 'key@8000']);
  });

  it('does not count a pause of the camera', async () => {
    const hub = new Hub();
    const subscription = inTime(hub);
    const iterator = subscription[Symbol.asyncIterator]();
    publishAll(hub, [begin, live(0, true)]);
    await iterator.next();
    await iterator.next();
    hub.publish({ type: 'end', reason: 'stalled', error: undefined });
    await iterator.next();
    publishAll(hub, [begin, ...stretch(60_000, 60_500)]);
    await iterator.next();
    const words: string[] = [];
    subscription.close();
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
      words.push(word(next.value));
    }
    expect(words[0]).toBe('key@60000');
    expect(words).toHaveLength(5);
  });
});
