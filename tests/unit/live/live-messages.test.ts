import { describe, expect, it } from 'vitest';
import { monotonicMs } from '../../../server/base/time.ts';
import type { Fragment } from '../../../server/fmp4/fragment.ts';
import { buildInit, readPart } from '../../../server/fmp4/part.ts';
import type { DroppedMessage } from '../../../server/ingest/hub.ts';
import type { HubMessage, StreamRun } from '../../../server/ingest/stream-run.ts';
import { LiveMessages, type Outgoing } from '../../../server/live/live-messages.ts';
import { aacTrack, fragment, h264Track, sample } from '../../fixtures/fmp4-samples.ts';
import { madeRun } from '../../fixtures/made-media.ts';

const video = h264Track();
const audio = aacTrack();
const run: StreamRun = { ...madeRun(1_234_567), video, audio };
const begin: HubMessage = { type: 'run', run };

const key = media(fragment('video', 0, [sample({ sync: true, sizeBytes: 90 })], 7));
const delta = media(fragment('video', 1, [sample({ sync: false, sizeBytes: 30 })], 8));
const packets = [sample({ sizeBytes: 11 }), sample({ sizeBytes: 13 })];
const sound = media(fragment('audio', 48_000, packets, 9));

function media(of: Fragment): HubMessage {
  return { type: 'fragment', fragment: of, arrivedMs: monotonicMs(0) };
}

function sent(
  messages: LiveMessages,
  ...from: readonly (HubMessage | DroppedMessage)[]
): Outgoing[] {
  return from.flatMap((message) => messages.from(message));
}

function binary(of: HubMessage): Outgoing {
  if (of.type !== 'fragment') throw new Error('no media');
  return { type: 'binary', bytes: of.fragment.bytes };
}

describe('a run', () => {
  it('begins with what it is, then its init segment', () => {
    expect(new LiveMessages('sub', true).from(begin)).toEqual([
      {
        type: 'text',
        message: {
          ...{ type: 'init', codecs: `${video.codecString},mp4a.40.2`, epochMs: 1_234_567 },
          ...{ stream: 'sub', width: video.width, height: video.height },
        },
      },
      { type: 'binary', bytes: buildInit(video, audio) },
    ]);
  });

  it.each([
    ['the viewer wants none', false, run],
    ['the camera sends none', true, { ...run, audio: undefined }],
  ])('has no sound when %s', (_what, wanted, of) => {
    const messages = new LiveMessages('main', wanted);
    const [text, init] = messages.from({ type: 'run', run: of });
    expect(text).toMatchObject({ message: { codecs: video.codecString } });
    expect(init).toEqual({ type: 'binary', bytes: buildInit(video) });
    expect(sent(messages, key, sound, delta)).toEqual([binary(key), binary(delta)]);
  });

  it('that is another one begins anew', () => {
    const messages = new LiveMessages('main', false);
    sent(messages, begin, key);
    const other: HubMessage = { type: 'run', run: { ...run, anchorMs: madeRun(9).anchorMs } };
    const kinds = sent(messages, other, delta, key).map(({ type }) => type);
    expect(kinds).toEqual(['text', 'binary', 'binary']);
  });
});

describe('fragments', () => {
  it('begin with a key frame, whatever came before', () => {
    const messages = new LiveMessages('main', true);
    expect(sent(messages, begin, delta, sound).slice(2)).toEqual([]);
    expect(sent(messages, key, delta)).toEqual([binary(key), binary(delta)]);
  });

  it('of video are sent as they are, without a copy', () => {
    const messages = new LiveMessages('main', false);
    const [out] = sent(messages, begin, key).slice(2);
    expect(out?.type === 'binary' && key.type === 'fragment' && out.bytes).toBe(
      key.type === 'fragment' && key.fragment.bytes,
    );
  });

  it('of sound become track 2, at their own time', () => {
    const [out] = sent(new LiveMessages('main', true), begin, key, sound).slice(3);
    if (out?.type !== 'binary') throw new Error('no sound');
    const part = readPart(out.bytes);
    expect(part.video.count).toBe(0);
    expect(part.audio).toMatchObject({ decodeTimeTicks: 48_000, count: 2 });
    expect([...part.audio.sizes]).toEqual([11, 13]);
    expect(part.sizeBytes).toBe(out.bytes.length);
    expect(out.bytes.subarray(part.audio.offsetBytes)).toEqual(Buffer.alloc(24, 9));
  });

  it('that were left out are told, and a key frame comes next', () => {
    const messages = new LiveMessages('main', true);
    sent(messages, begin, key);
    const dropped = { type: 'dropped', frames: 12, behindMs: 3_100 } as const;
    expect(sent(messages, dropped, sound, delta, key)).toEqual([
      { type: 'text', message: dropped },
      binary(key),
    ]);
  });

  it('end with the run: what follows belongs to the next', () => {
    const messages = new LiveMessages('main', false);
    const end: HubMessage = { type: 'end', reason: 'stalled', error: undefined };
    expect(sent(messages, begin, key, end, delta).slice(2)).toEqual([binary(key)]);
  });
});
