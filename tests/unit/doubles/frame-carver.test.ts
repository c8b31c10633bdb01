import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { boxesIn, jpegsIn } from '../../fixtures/frame-carver.ts';
import { runFfmpeg } from '../../fixtures/test-ffmpeg.ts';
import { readFileSync } from 'node:fs';
import { CLIPS, makeClip } from '../../fixtures/clips.ts';

const noise = randomBytes(4 * 1024 * 1024);

describe('the carver', () => {
  it('finds a JPEG among other bytes, cut off or not, and none in noise', async () => {
    const source = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=1', '-frames:v', '1'];
    const jpeg = await runFfmpeg([...source, '-f', 'mjpeg', '-']);
    expect(jpegsIn(jpeg)).toBe(1);
    expect(jpegsIn(Buffer.concat([noise, jpeg, noise]))).toBe(1);
    // A start of scan is near its beginning.
    expect(jpegsIn(jpeg.subarray(0, 700))).toBe(1);
    expect(jpegsIn(noise)).toBe(0);
    expect(jpegsIn(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0, 0]))).toBe(0);
  });

  it('finds the boxes of footage, and none in text that names them', async () => {
    const clip = readFileSync(await makeClip(CLIPS.small));
    expect(boxesIn(clip)).toBeGreaterThan(0);
    const moof = Buffer.from('\0\0\0\x68moof\0\0\0\x10mfhd\0\0\0\0', 'latin1');
    expect(boxesIn(Buffer.concat([noise, moof]))).toBe(1);
    expect(boxesIn(Buffer.from("const BOXES = ['ftyp', 'moof', 'mfhd'];"))).toBe(0);
  });
});
