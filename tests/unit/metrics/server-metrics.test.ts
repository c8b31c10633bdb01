import { beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../server/base/errors.ts';
import { silentLog } from '../../../server/base/log.ts';
import { ReadPace } from '../../../server/base/read-pace.ts';
import { Secret } from '../../../server/base/secret.ts';
import { CameraActor } from '../../../server/camera/camera-actor.ts';
import { Gateway } from '../../../server/egress/gateway.ts';
import { ServerMetrics } from '../../../server/metrics/server-metrics.ts';
import { newRecorderStats } from '../../../server/recorder/recorder-stats.ts';
import { FakeAttempts } from '../../doubles/fake-attempts.ts';
import { TestClock } from '../../doubles/test-clock.ts';
import { madeFrames, madeRun } from '../../fixtures/made-media.ts';
import { testCamera } from '../../fixtures/test-storage.ts';

const ID = '00000000000000c1';

let attempts: FakeAttempts;
let actors: CameraActor[];
let metrics: ServerMetrics;
const stats = newRecorderStats();

beforeEach(() => {
  const clock = new TestClock();
  attempts = new FakeAttempts();
  const gateway = new Gateway({ clock, ownPorts: () => new Set() });
  actors = [
    new CameraActor(
      {
        stored: testCamera({ name: 'Bedroom of the children' }),
        source: {
          ...{ type: 'rtsp', authentication: 'unknown' },
          main: { tls: false, host: 'cam.lan', address: '192.168.1.20', port: 554, path: '/m' },
        },
        credentials: { username: 'admin', password: new Secret('canary-metrics') },
      },
      {
        ...{ clock, gateway, ffmpegPath: 'none', runOnce: attempts.runOnce, random: () => 1 },
        ...{
          pace: new ReadPace(clock),
          log: silentLog,
          recorder: { run: () => Promise.resolve() },
        },
        ...{ onDigest: () => undefined, onDefect: () => undefined },
      },
    ),
  ];
  metrics = new ServerMetrics({
    ...{ clock, cameras: () => actors },
    recorderStats: (id) => (id === ID ? stats : undefined),
    gateway: () => ({ connected: 3, refused: 2, failed: 1, open: 1 }),
    live: () => ({ viewers: 2, droppedFrames: 41 }),
    door: () => ({ refused: 5 }),
    retention: () => ({ deletedSegments: 6 }),
    footage: () => ({ problem: new AppError('io', 'another disk') }),
  });
});

async function scrape(): Promise<Map<string, number>> {
  const { body } = await metrics.render();
  const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => {
      const [name = '', value] = line.split(/ (?=[^ ]+$)/);
      return [name, Number(value)];
    }),
  );
}

describe('the text', () => {
  it('is Prometheus 0.0.4: each sample has its help and its type', async () => {
    actors[0]!.start();
    const { contentType, body } = await metrics.render();
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    const described = new Set<string>();
    for (const line of body.split('\n').filter((text) => text !== '')) {
      const comment = /^# (HELP|TYPE) ([a-z_]+) \S/.exec(line);
      if (comment !== null) described.add(`${comment[1]!} ${comment[2]!}`);
      else {
        const name = /^([a-z_]+)(\{camera="[0-9a-f]{16}"\})? [\d.e+-]+$/.exec(line)?.[1];
        expect(name, line).toBeDefined();
        expect(described).toContain(`HELP ${name!}`);
        expect(described).toContain(`TYPE ${name!}`);
      }
    }
    for (const line of body.match(/^# TYPE .*_total .*$/gm) ?? []) expect(line).toMatch(/counter$/);
  });

  it('names no camera, no address and no password', async () => {
    actors[0]!.start();
    attempts.newest.end('wrong-password');
    const { body } = await metrics.render();
    expect(body).not.toMatch(/Bedroom|cam\.lan|192\.168|admin|canary/);
  });
});

describe('the numbers', () => {
  it('are those of their owners at each scrape', async () => {
    actors[0]!.start();
    attempts.newest.connect({
      counters: {
        ...{ bytes: 5_000, skippedBytes: 0 },
        tracks: [{ kind: 'video', packets: 10, lost: 4 }],
      },
    });
    attempts.newest.run(madeRun(0));
    attempts.newest.media(...madeFrames({ lengthMs: 1_000, gopMs: 1_000, sizeBytes: 50 }));
    Object.assign(stats, { partsTotal: 7, bytesTotal: 700, lostFramesTotal: 2 });
    const camera = `{camera="${ID}"}`;
    const expected = {
      [`doorkeep_camera_online${camera}`]: 1,
      [`doorkeep_ingest_attempts_total${camera}`]: 1,
      [`doorkeep_ingest_runs_total${camera}`]: 1,
      [`doorkeep_ingest_video_frames_total${camera}`]: 10,
      [`doorkeep_ingest_video_bytes_total${camera}`]: 500,
      [`doorkeep_ingest_audio_bytes_total${camera}`]: 0,
      [`doorkeep_ingest_lost_packets_total${camera}`]: 4,
      [`doorkeep_recorder_parts_total${camera}`]: 7,
      [`doorkeep_recorder_bytes_total${camera}`]: 700,
      [`doorkeep_recorder_lost_frames_total${camera}`]: 2,
      doorkeep_egress_connected_total: 3,
      doorkeep_egress_refused_total: 2,
      doorkeep_egress_failed_total: 1,
      doorkeep_live_viewers: 2,
      doorkeep_live_dropped_frames_total: 41,
      doorkeep_http_refused_connections_total: 5,
      doorkeep_retention_deleted_segments_total: 6,
    };
    // Twice: a scrape must not add to the one before.
    for (let round = 0; round < 2; round += 1) {
      expect(Object.fromEntries(await scrape())).toMatchObject(expected);
    }
  });

  it('are 0 for a camera that is away, and gone with a camera that was removed', async () => {
    const online = `doorkeep_camera_online{camera="${ID}"}`;
    expect((await scrape()).get(online)).toBe(0);
    actors = [];
    expect((await scrape()).has(online)).toBe(false);
  });

  it('of the process are plausible', async () => {
    const samples = await scrape();
    expect(samples.get('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
  });
});
