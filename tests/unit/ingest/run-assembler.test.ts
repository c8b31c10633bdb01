import { beforeEach, describe, expect, it } from 'vitest';
import { epochMs, monotonicMs } from '../../../server/base/time.ts';
import type { Fragment } from '../../../server/fmp4/fragment.ts';
import {
  NO_KEY_FRAME_MS,
  RunAssembler,
  SOUND_GRACE_MS,
} from '../../../server/ingest/run-assembler.ts';
import type { Now } from '../../../server/ingest/anchored-run.ts';
import type { HubMessage, StreamRun } from '../../../server/ingest/stream-run.ts';
import { aacTrack, h264Track, PPS, prefixed, SPS } from '../../fixtures/fmp4-samples.ts';

/** Ticks of the made video per ms. */
const PER_MS = 90;
const FRAME_MS = 100;
const GOP_MS = 1_000;

/** Wall clock minus monotonic clock in these tests. */
const OFFSET_MS = 1_700_000_000_000;

const slice = prefixed(Buffer.from([0x65, 0x88, 0x84]), 4);
const otherSize = Buffer.concat([
  prefixed(SPS.high1922x1082, 4),
  prefixed(PPS.high, 4),
  prefixed(Buffer.from([0x65, 0x88, 0x84]), 4),
]);

interface Frame {
  /** Media time. */
  atMs: number;
  key?: boolean;
  durationMs?: number;
  payload?: Buffer;
}

function frame({ atMs, key = false, durationMs = FRAME_MS, payload = slice }: Frame): Fragment {
  const durationTicks = durationMs * PER_MS;
  const sample = { durationTicks, sizeBytes: payload.length, compositionOffsetTicks: 0, sync: key };
  return {
    ...{ kind: 'video', decodeTimeTicks: atMs * PER_MS, durationTicks, key },
    ...{ samples: [sample], payload, bytes: payload },
  };
}

function sound(atMs: number, sizeBytes = 100): Fragment {
  const payload = Buffer.alloc(sizeBytes);
  const sample = { durationTicks: 4_800, sizeBytes, compositionOffsetTicks: 0, sync: true };
  return {
    ...{ kind: 'audio', decodeTimeTicks: atMs * 48, durationTicks: 4_800, key: true },
    ...{ samples: [sample], payload, bytes: payload },
  };
}

function at(ms: number, wallStepMs = 0): Now {
  return { monotonicMs: monotonicMs(ms), wallMs: epochMs(OFFSET_MS + ms + wallStepMs) };
}

let messages: HubMessage[];
let assembler: RunAssembler;

function begin(expectSound: boolean): void {
  messages = [];
  assembler = new RunAssembler({ expectSound, emit: (message) => messages.push(message) });
  assembler.onTrack(h264Track());
}

/**
 * Feeds frames of media [fromMs, toMs), key frames each second. A frame arrives at its end plus
 * `zeroMs`, the monotonic time of media time zero, plus what `lateMs` says.
 */
function feed(
  fromMs: number,
  toMs: number,
  options: { zeroMs?: number; lateMs?: (atMs: number) => number; key?: (atMs: number) => boolean },
): void {
  const { zeroMs = 10_000, lateMs = () => 0, key = (atMs) => atMs % GOP_MS === 0 } = options;
  for (let atMs = fromMs; atMs < toMs; atMs += FRAME_MS) {
    const arrivesMs = zeroMs + atMs + FRAME_MS + lateMs(atMs);
    assembler.onFragment(frame({ atMs, key: key(atMs) }), at(arrivesMs));
  }
}

function runs(): StreamRun[] {
  return messages.flatMap((message) => (message.type === 'run' ? [message.run] : []));
}

/** `run`, `end:reason`, `video@ms`, `sound@ms`. */
function words(): string[] {
  return messages.map((message) => {
    if (message.type === 'end') return `end:${message.reason}`;
    if (message.type === 'run') return 'run';
    const { kind, decodeTimeTicks } = message.fragment;
    return kind === 'video' ? `video@${decodeTimeTicks / PER_MS}` : `sound@${decodeTimeTicks / 48}`;
  });
}

function videoTimes(): number[] {
  return messages.flatMap((message) =>
    message.type === 'fragment' && message.fragment.kind === 'video'
      ? [message.fragment.decodeTimeTicks / PER_MS]
      : [],
  );
}

function expectNoFrameLost(fromMs: number, toMs: number): void {
  const expected: number[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += FRAME_MS) expected.push(atMs);
  expect(videoTimes()).toEqual(expected);
}

beforeEach(() => {
  begin(false);
});

describe('an access unit without a picture', () => {
  // A connection that ends between the parameter sets and the slices: ffmpeg gives out what it has.
  const bare = Buffer.concat([prefixed(SPS.high64, 4), prefixed(PPS.high, 4)]);

  it.each([false, true])('is no frame (key: %s)', (key) => {
    begin(false);
    feed(0, 1_000, {});
    assembler.onFragment(frame({ atMs: 1_000, key, payload: bare }), at(11_100));
    expectNoFrameLost(0, 1_000);
    assembler.onFragment(frame({ atMs: 1_100, key: true }), at(11_200));
    expect(videoTimes().at(-1)).toBe(1_100);
    expect(runs()).toHaveLength(1);
  });

  it('does not begin a run', () => {
    begin(false);
    assembler.onFragment(frame({ atMs: 0, key: true, payload: bare }), at(10_100));
    expect(words()).toEqual([]);
  });
});

describe('the start of a run', () => {
  it('is a key frame', () => {
    feed(300, 1_200, {});
    expect(words()).toEqual(['run', 'video@1000', 'video@1100']);
    expect(assembler.running).toBe(true);
  });

  it('is refused before the track is known', () => {
    const blind = new RunAssembler({ expectSound: false, emit: () => undefined });
    expect(() => {
      blind.onFragment(frame({ atMs: 0, key: true }), at(0));
    }).toThrow(expect.objectContaining({ kind: 'corrupt' }));
  });

  it('describes what the key frame brings, not what was announced', () => {
    assembler.onFragment(frame({ atMs: 0, key: true, payload: otherSize }), at(10_100));
    expect(runs()[0]!.video).toMatchObject({ width: 1_922, height: 1_082 });
  });
});

describe('the anchor', () => {
  it('is the smallest lateness of the first GOP', () => {
    // The first frames come in a burst, because ffmpeg studied the input; the eighth is on time.
    feed(0, 1_100, { lateMs: (atMs) => Math.max(0, 700 - atMs) });
    expect(runs()).toHaveLength(1);
    expect(runs()[0]!.anchorMs).toBe(OFFSET_MS + 10_000);
  });

  it('does not move any more after the first GOP', () => {
    feed(0, GOP_MS, { lateMs: () => 400 });
    feed(GOP_MS, 5_000, {});
    expect(runs()[0]!.anchorMs).toBe(OFFSET_MS + 10_400);
  });

  it('is fixed after two seconds of a longer GOP, before anybody writes', () => {
    const key = (atMs: number): boolean => atMs % 10_000 === 0;
    feed(0, 2_000, { key, lateMs: () => 400 });
    const anchorMs = runs()[0]!.anchorMs;
    feed(2_000, 4_000, { key });
    expect(runs()[0]!.anchorMs).toBe(anchorMs);
  });

  it('does not follow a step of the wall clock', () => {
    assembler.onFragment(frame({ atMs: 0, key: true }), at(10_300));
    assembler.onFragment(frame({ atMs: 100 }), at(10_200, 3_600_000));
    expect(runs()[0]!.anchorMs).toBe(OFFSET_MS + 10_000);
  });

  it('lies where media time zero is, not where the run begins', () => {
    feed(7_300, 8_500, { zeroMs: 500 });
    expect(runs()[0]!.anchorMs).toBe(OFFSET_MS + 500);
  });
});

describe('announced sound', () => {
  it('that is described and does not come leaves the run without sound', () => {
    begin(true);
    assembler.onTrack(aacTrack());
    feed(0, 3_000, {});
    expect(runs()).toHaveLength(1);
    expect(runs()[0]!.audio).toBeUndefined();
  });

  it('is waited for, and what came meanwhile goes out in order', () => {
    begin(true);
    feed(0, 500, {});
    expect(messages).toEqual([]);
    assembler.onTrack(aacTrack());
    assembler.onFragment(sound(0), at(10_550));
    feed(500, 700, {});
    expect(runs()).toHaveLength(1);
    expect(runs()[0]!.audio).toMatchObject({ codec: 'aac' });
    expect(words().filter((word) => word.startsWith('sound'))).toEqual(['sound@0']);
    expectNoFrameLost(0, 700);
  });

  it('that comes before the picture is kept, behind the picture, as far as it goes with one', () => {
    begin(true);
    assembler.onTrack(aacTrack());
    for (let atMs = 0; atMs < 500; atMs += 100)
      assembler.onFragment(sound(atMs), at(10_000 + atMs));
    feed(200, 300, { key: () => true });
    // Sound up to the picture stays: a decoder of AAC wants the packet before.
    expect(words()).toEqual([
      'run',
      'video@200',
      'sound@100',
      'sound@200',
      'sound@300',
      'sound@400',
    ]);
    expect(runs()[0]!.audio).toBeDefined();
  });

  it('that comes and comes without a picture is bounded, and the newest is kept', () => {
    begin(true);
    assembler.onTrack(aacTrack());
    for (let i = 0; i < 1_000; i += 1) assembler.onFragment(sound(i * 100), at(10_000 + i * 100));
    feed(93_000, 93_100, {});
    const kept = words().filter((word) => word.startsWith('sound'));
    expect(kept.length).toBeLessThanOrEqual(160);
    expect(kept.at(-1)).toBe('sound@99900');
    expect(kept.length).toBeGreaterThanOrEqual(32);
  });

  it('that stays away costs 1.5 s and no frame', () => {
    begin(true);
    feed(0, SOUND_GRACE_MS, {});
    expect(messages).toEqual([]);
    feed(SOUND_GRACE_MS, 3_000, {});
    expect(runs()).toHaveLength(1);
    expect(runs()[0]!.audio).toBeUndefined();
    expect(runs()[0]!.anchorMs).toBe(OFFSET_MS + 10_000);
    expectNoFrameLost(0, 3_000);
  });

  it('that comes later begins another run at a key frame, without a lost frame', () => {
    begin(true);
    feed(0, 4_300, {});
    assembler.onTrack(aacTrack());
    assembler.onFragment(sound(4_300), at(14_400));
    feed(4_300, 5_000, {});
    assembler.onFragment(sound(4_900), at(15_050));
    // Sound cannot be in a run that was said to have none.
    expect(words().filter((word) => word.startsWith('sound'))).toEqual([]);
    feed(5_000, 6_000, {});
    assembler.onFragment(sound(5_100), at(15_350));
    expect(runs().map((run) => run.audio?.codec)).toEqual([undefined, 'aac']);
    const list = words();
    expect(list.slice(list.indexOf('end:format-changed'), -1).slice(0, 3)).toEqual([
      'end:format-changed',
      'run',
      'video@5000',
    ]);
    expect(list.at(-1)).toBe('sound@5100');
    expectNoFrameLost(0, 6_000);
  });

  it('is not waited for beyond 16 MiB of picture', () => {
    begin(true);
    const payload = prefixed(Buffer.alloc(5 * 1024 * 1024, 0x65), 4);
    for (let i = 0; i < 3; i += 1) {
      assembler.onFragment(frame({ atMs: i * 100, key: i === 0, payload }), at(10_100 + i * 100));
    }
    expect(messages).toEqual([]);
    assembler.onFragment(frame({ atMs: 300, payload }), at(10_400));
    expectNoFrameLost(0, 400);
  });

  it('that floods in without a picture is bounded in bytes', () => {
    begin(true);
    assembler.onTrack(aacTrack());
    for (let i = 0; i < 60; i += 1) {
      assembler.onFragment(sound(i * 100, 1024 * 1024), at(10_000 + i * 100));
    }
    feed(6_000, 6_100, {});
    const heldBytes = messages.reduce(
      (sum, message) => sum + (message.type === 'fragment' ? message.fragment.bytes.length : 0),
      0,
    );
    expect(heldBytes).toBeLessThanOrEqual(16 * 1024 * 1024 + 100);
  });
});

describe('another picture size', () => {
  it('begins another run at that key frame, without a lost frame', () => {
    feed(0, 1_500, {});
    assembler.onFragment(frame({ atMs: 1_500, key: true, payload: otherSize }), at(11_600));
    feed(1_600, 2_600, { key: () => false });
    expect(words()).toContain('end:format-changed');
    expect(runs().map((run) => run.video.width)).toEqual([h264Track().width, 1_922]);
    expect(runs()[1]!.anchorMs).toBe(OFFSET_MS + 10_000);
    expectNoFrameLost(0, 2_600);
  });

  it('while sound is awaited does not give the first frames the new size', () => {
    begin(true);
    feed(0, 500, {});
    assembler.onFragment(frame({ atMs: 500, key: true, payload: otherSize }), at(10_600));
    feed(600, 3_000, { key: () => false });
    expect(runs().map((run) => run.video.width)).toEqual([h264Track().width, 1_922]);
    const list = words();
    expect(list.indexOf('end:format-changed')).toBe(list.indexOf('video@500') - 2);
    expectNoFrameLost(0, 3_000);
  });
});

describe('key frames', () => {
  it('that stay away for 30 s end the attempt', () => {
    feed(0, 200, {});
    const last = 200 + NO_KEY_FRAME_MS - 400;
    feed(200, last, { key: () => false });
    expect(() => {
      feed(last, last + 1_000, { key: () => false });
    }).toThrow(expect.objectContaining({ reason: 'no-key-frames' }));
  });

  it('that never come end it too', () => {
    expect(() => {
      feed(100, 100 + NO_KEY_FRAME_MS + 1_000, { key: () => false });
    }).toThrow(expect.objectContaining({ reason: 'no-key-frames' }));
    expect(messages).toEqual([]);
  });
});

describe('media time', () => {
  it('that goes backwards is corrupt', () => {
    feed(0, 2_000, {});
    expect(() => {
      assembler.onFragment(frame({ atMs: 1_899 }), at(12_100));
    }).toThrow(expect.objectContaining({ kind: 'corrupt' }));
  });

  it('that goes backwards while sound is awaited is corrupt too', () => {
    begin(true);
    feed(0, 500, {});
    expect(() => {
      assembler.onFragment(frame({ atMs: 300 }), at(10_600));
    }).toThrow(expect.objectContaining({ kind: 'corrupt' }));
  });

  it('that runs slower than the clock gets another anchor in place', () => {
    // 20 ms late per second of media: a second after 50 s.
    feed(0, 120_000, { lateMs: (atMs) => atMs * 0.02 });
    expect(runs().length).toBeGreaterThan(1);
    expect(words().filter((word) => word.startsWith('end'))).toEqual(
      runs()
        .slice(1)
        .map(() => 'end:clock-drift'),
    );
    expectNoFrameLost(0, 120_000);
    // What is said about the newest run is true to within the drift that is allowed, and a window.
    const lastMs = runs().at(-1)!.anchorMs - OFFSET_MS - 10_000;
    expect(Math.abs(120_000 * 0.02 - lastMs)).toBeLessThan(1_000 + 2 * 30_000 * 0.02);
  });

  it('that runs faster than the clock gets another anchor in place', () => {
    feed(0, 120_000, { lateMs: (atMs) => -atMs * 0.02 });
    expect(runs().length).toBeGreaterThan(1);
    expect(runs().at(-1)!.anchorMs).toBeLessThan(OFFSET_MS + 10_000 - 1_000);
    expectNoFrameLost(0, 120_000);
  });

  it('is re-anchored whatever frame the window ends on', () => {
    // The window of 30 s ends between two key frames of a GOP that does not divide it.
    const key = (atMs: number): boolean => atMs % 7_000 === 0;
    feed(0, 100_000, { key, lateMs: (atMs) => (atMs < 7_000 ? 0 : 2_000) });
    expect(runs()).toHaveLength(2);
    expect(runs()[1]!.anchorMs).toBe(OFFSET_MS + 12_000);
    const list = words();
    // Within the window in which it began, the next one, and a GOP.
    const anewMs = Number(list[list.indexOf('end:clock-drift') + 2]!.slice('video@'.length));
    expect(anewMs).toBeLessThanOrEqual(7_000 + 60_000 + 7_000);
  });

  it('is not judged by one late burst', () => {
    feed(0, 90_000, { lateMs: (atMs) => (atMs % 30_000 > 20_000 ? 4_000 : 0) });
    expect(runs()).toHaveLength(1);
  });

  it('is not judged by a network that is late up to a second', () => {
    feed(0, 90_000, { lateMs: (atMs) => (atMs < 2_000 ? 0 : 900) });
    expect(runs()).toHaveLength(1);
  });

  it('that jumps ten seconds ahead ends the attempt', () => {
    feed(0, 5_000, {});
    expect(() => {
      assembler.onFragment(frame({ atMs: 15_200 }), at(15_100));
    }).toThrow(expect.objectContaining({ reason: 'clock-drift' }));
  });

  it('that falls ten seconds behind and stays there ends the attempt', () => {
    feed(0, 5_000, {});
    // Frames come, but their times hardly move: ffmpeg’s timeline collapsed.
    expect(() => {
      for (let i = 0; i < 300; i += 1) {
        assembler.onFragment(
          frame({ atMs: 5_000 + i, durationMs: 1, key: i % 10 === 0 }),
          at(15_100 + i * 100),
        );
      }
    }).toThrow(expect.objectContaining({ reason: 'network-too-slow' }));
  });

  it('is not given up for a backlog that this box itself caused', () => {
    feed(0, 5_000, {});
    // The server stood still for 15 s; then everything comes at once and it is on time again.
    feed(5_000, 35_000, { lateMs: (atMs) => Math.max(0, 20_000 - atMs) });
    expect(runs()).toHaveLength(1);
    expectNoFrameLost(0, 35_000);
  });
});
