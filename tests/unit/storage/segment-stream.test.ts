import { once } from 'node:events';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import type { SegmentReader } from '../../../server/storage/segment-reader.ts';
import { segmentStream } from '../../../server/storage/segment-stream.ts';

const PIECE_BYTES = 256 * 1024;
const SIZE_BYTES = 20 * PIECE_BYTES + 1_000;

/** Byte for byte what lies at an offset. */
function made(target: Buffer, offsetBytes: number): void {
  for (let index = 0; index < target.length; index += 1) {
    target[index] = ((offsetBytes + index) * 2_654_435_761) >>> 24;
  }
}

function expected(): Buffer {
  const all = Buffer.alloc(SIZE_BYTES);
  made(all, 0);
  return all;
}

/** A reader of made bytes; what it is asked to fill, `targets` remembers. */
function madeReader(targets: Buffer[] = []): SegmentReader {
  return {
    read: (target: Buffer, offsetBytes: number) => {
      targets.push(target);
      made(target, offsetBytes);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  } as unknown as SegmentReader;
}

const whole = { first: 0, last: SIZE_BYTES - 1 };

/** Takes pieces as a socket does: looks at them some turns later, and says only then that it has. */
function slowSink(seen: Buffer[], turns: (piece: number) => number): Writable {
  return new Writable({
    highWaterMark: 2 * PIECE_BYTES,
    write(piece: Buffer, _encoding, done) {
      let left = turns(seen.length);
      const look = (): void => {
        left -= 1;
        if (left > 0) {
          setImmediate(look);
          return;
        }
        seen.push(Buffer.from(piece));
        done();
      };
      look();
    },
  });
}

it('is what was read, piped to a slow destination that waits with each piece', async () => {
  for (const turns of [() => 1, () => 5, (piece: number) => (piece * 7) % 11]) {
    const seen: Buffer[] = [];
    const sink = slowSink(seen, turns);
    segmentStream(madeReader(), whole).pipe(sink);
    await once(sink, 'finish');
    expect(Buffer.concat(seen).equals(expected())).toBe(true);
  }
});

it('uses a piece again that was written, and overwrites it before', async () => {
  const targets: Buffer[] = [];
  const sink = slowSink([], () => 2);
  segmentStream(madeReader(targets), whole).pipe(sink);
  await once(sink, 'finish');
  expect(targets).toHaveLength(21);
  expect(new Set(targets.map((target) => target.buffer)).size).toBeLessThanOrEqual(8);
  for (const target of targets) expect(target.every((byte) => byte === 0)).toBe(true);
});

it('leaves its pieces to who keeps them', async () => {
  const [one, other] = await Promise.all([
    buffer(segmentStream(madeReader(), whole)),
    buffer(segmentStream(madeReader(), whole)),
  ]);
  expect(one.equals(expected())).toBe(true);
  expect(other.equals(expected())).toBe(true);
});

it('gives many at once each its own', async () => {
  const all = await Promise.all(
    Array.from({ length: 12 }, async (_, n) => {
      const seen: Buffer[] = [];
      const sink = slowSink(seen, (piece) => ((piece + n) * 5) % 9);
      segmentStream(madeReader(), whole).pipe(sink);
      await once(sink, 'finish');
      return Buffer.concat(seen).equals(expected());
    }),
  );
  expect(all.every(Boolean)).toBe(true);
});

it('lets go of a destination that is destroyed in the middle', async () => {
  const sink = slowSink([], () => 3);
  const stream = segmentStream(madeReader(), whole);
  stream.pipe(sink);
  await once(stream, 'data');
  sink.destroy();
  stream.destroy();
  await once(stream, 'close');
  const seen: Buffer[] = [];
  const next = slowSink(seen, () => 1);
  segmentStream(madeReader(), whole).pipe(next);
  await once(next, 'finish');
  expect(Buffer.concat(seen).equals(expected())).toBe(true);
});
