/** Sound and picture of a flash-and-beep clip, from the camera through the server to the export. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DoorkeepServer } from '../doubles/doorkeep-server.ts';
import {
  gstAvailable,
  type GstMount,
  type GstRtspServer,
  startGstRtspServer,
} from '../doubles/gst-rtsp/gst-rtsp-server.ts';
import { CLIPS, type ClipSpec, makeClip } from '../fixtures/clips.ts';
import { soundLatenessMs } from '../fixtures/flash-and-beep.ts';
import { ClipFolder } from '../fixtures/fmp4-clips.ts';
import { addCameras, type Stretch, takeOut, untilRecorded } from '../fixtures/household.ts';

/** What the issue allows. */
const LATENESS_MAX_MS = 100;

/** Over the end of the clip, and several sender reports long. */
const RECORDED_SECONDS = 12;

const flash: ClipSpec = { ...CLIPS.flashAndBeep, gopSeconds: 1, seconds: 8 };

const KINDS: readonly { name: string; spec: ClipSpec; latm?: boolean }[] = [
  { name: 'AAC, copied', spec: flash },
  { name: 'AAC as LATM, copied', spec: flash, latm: true },
  { name: 'AAC beside B-frames', spec: { ...flash, bFrames: 2 } },
  { name: 'PCMU, encoded', spec: { ...flash, sound: 'pcmu' } },
  { name: 'L16, encoded', spec: { ...flash, sound: 'l16' } },
];

describe.skipIf(!gstAvailable)('sound and picture are in step in the export', () => {
  let folder: ClipFolder;
  let gst: GstRtspServer;
  let server: DoorkeepServer;
  const recorded = new Map<string, { id: string; range: Stretch }>();

  beforeAll(async () => {
    folder = await ClipFolder.create();
    const mounts: GstMount[] = [];
    for (const [index, { spec, latm }] of KINDS.entries()) {
      const file = await makeClip(spec);
      mounts.push({ path: `/kind${String(index)}`, file, ...(latm === true ? { latm } : {}) });
    }
    gst = await startGstRtspServer({ mounts });
    server = await DoorkeepServer.start();
    await server.setUp();
    const ids = new Map<string, string>();
    const cameras = KINDS.map(({ name }, index) => ({
      ...{ name, sound: true },
      source: { type: 'rtsp' as const, url: gst.url(`/kind${String(index)}`) },
    }));
    await addCameras(server, cameras, ({ name, id }) => ids.set(name, id));
    for (const [name, id] of ids) {
      recorded.set(name, { id, range: await untilRecorded(server, id, RECORDED_SECONDS) });
    }
  });

  afterAll(async () => {
    await server.dispose();
    await gst.stop();
    await folder.remove();
  });

  it.each(KINDS)('$name', async ({ name }) => {
    const { id, range } = recorded.get(name)!;
    // All of it, and from a mark in the middle of a GOP: that one begins with an edit.
    const middle = { ...range, fromMs: range.fromMs + 5_300 };
    for (const [which, wanted] of Object.entries({ start: range, middle })) {
      const { path } = await takeOut(server, id, { ...wanted, folder: folder.path });
      const offsets = await soundLatenessMs(path);
      const [least, most] = [Math.min(...offsets), Math.max(...offsets)];
      process.stdout.write(
        `${name}, from the ${which}: sound ${least.toFixed(1)} to ${most.toFixed(1)} ms late\n`,
      );
      expect(offsets.length).toBeGreaterThanOrEqual((wanted.toMs - wanted.fromMs) / 1_000 - 2);
      expect(Math.max(Math.abs(least), Math.abs(most))).toBeLessThanOrEqual(LATENESS_MAX_MS);
    }
  });
});
