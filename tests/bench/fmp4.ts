/**
 * The hot loop of the media path, in CPU time of this process: boxes and fragments out of a byte
 * stream, parts out of fragments, and the plan of an hour's export.
 */
import { BoxReader, type Box } from '../../server/fmp4/box-reader.ts';
import { type Fragment, parseFragment } from '../../server/fmp4/fragment.ts';
import { buildPart, readPart } from '../../server/fmp4/part.ts';
import { planExport } from '../../server/fmp4/progressive.ts';
import { aacTrack, fragment, h264Track, sample, SPS } from '../fixtures/fmp4-samples.ts';

/** 3 Mbit/s at 15 fps, the camera of the budgets. */
const FPS = 15;
const FRAME_BYTES = 25_000;
const STREAM_MB_PER_SECOND = (FPS * FRAME_BYTES) / 1e6;

/** What Node reads from a pipe at once. */
const CHUNK_BYTES = 65_536;

/** A minute of the camera, read this many times: about a second of work. */
const ROUNDS = 40;

const GOP_SECONDS = 2;
const HOUR_PARTS = 3600 / GOP_SECONDS;
const TIMESCALE = 90_000;
const AUDIO_TIMESCALE = 48_000;
const AAC_PACKET_TICKS = 1024;

/** What `bench.ts` prints. */
export function run(): Promise<object> {
  const minute = Buffer.concat(
    Array.from({ length: 60 * FPS }, (_, index) => Buffer.concat(framePart(index))),
  );
  const megabytes = (minute.length * ROUNDS) / 1e6;
  const boxesSeconds = cpuSeconds(() => {
    for (let round = 0; round < ROUNDS; round += 1) readFragments(minute, false);
  });
  const fragmentsSeconds = cpuSeconds(() => {
    for (let round = 0; round < ROUNDS; round += 1) readFragments(minute, true);
  });
  const gop = Array.from({ length: FPS * GOP_SECONDS }, (_, index) => frame(index));
  const partsSeconds = cpuSeconds(() => {
    for (let index = 0; index < HOUR_PARTS; index += 1) {
      buildPart({ sequenceNumber: index, video: gop, audio: [] });
    }
  });
  return Promise.resolve({
    boxReaderMBps: Math.round(megabytes / boxesSeconds),
    boxReaderAndFragmentsMBps: Math.round(megabytes / fragmentsSeconds),
    percentOfACorePerCamera: round3((STREAM_MB_PER_SECOND / (megabytes / fragmentsSeconds)) * 100),
    buildPartMicroseconds: Math.round((partsSeconds / HOUR_PARTS) * 1e6),
    ...planOfAnHour(),
  });
}

function readFragments(bytes: Buffer, parse: boolean): number {
  const reader = new BoxReader();
  let count = 0;
  let moof: Box | undefined;
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    for (const box of reader.push(bytes.subarray(at, at + CHUNK_BYTES))) {
      if (parse && moof !== undefined) parseFragment('video', moof, box);
      moof = moof === undefined ? box : undefined;
      count += 1;
    }
  }
  reader.end();
  return count;
}

function planOfAnHour(): object {
  const packets = Math.round((GOP_SECONDS * AUDIO_TIMESCALE) / AAC_PACKET_TICKS);
  const parts = Array.from({ length: HOUR_PARTS }, (_, index) => {
    const video = Array.from({ length: FPS * GOP_SECONDS }, (__, i) =>
      frame(index * FPS * GOP_SECONDS + i, 1),
    );
    const one = sample({ durationTicks: AAC_PACKET_TICKS, sizeBytes: 1 });
    const samples = Array.from({ length: packets }, () => one);
    const audio = [fragment('audio', index * packets * AAC_PACKET_TICKS, samples)];
    const [head = Buffer.alloc(0)] = buildPart({ sequenceNumber: index, video, audio });
    return { source: 0, offsetBytes: 0, tables: readPart(head) };
  });
  const video = h264Track(SPS.high64, TIMESCALE);
  const run = { video, audio: aacTrack(AUDIO_TIMESCALE), anchorMs: 0, parts };
  let headerBytes = 0;
  const seconds = cpuSeconds(() => {
    headerBytes = planExport([run], { fromMs: 0, toMs: 3_600_000 }).header.length;
  });
  return {
    planHourMs: Math.round(seconds * 1000),
    planHourHeaderKB: Math.round(headerBytes / 1000),
  };
}

function frame(index: number, sizeBytes = FRAME_BYTES): Fragment {
  const durationTicks = TIMESCALE / FPS;
  const sync = index % (FPS * GOP_SECONDS) === 0;
  return fragment('video', index * durationTicks, [sample({ durationTicks, sizeBytes, sync })]);
}

function framePart(index: number): Buffer[] {
  return buildPart({ sequenceNumber: index + 1, video: [frame(index)], audio: [] });
}

/** User and system time, because a wall clock on a shared machine measures the neighbours. */
function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}
