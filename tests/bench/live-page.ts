/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * What the benchmark of the live view does inside the page: reads the number in each picture that is
 * shown, hears the beeps, and plays as plain a player as there can be. Functions handed to `evaluate`
 * see nothing of this file.
 */
import type { Page } from 'playwright-core';
import type { Clock } from '../../server/base/clock.ts';

/** A picture on the screen: its number, and when the browser expects it to be seen. */
export interface SeenPicture {
  readonly number: number;
  readonly atMs: number;
}

/** Page time of a flash and of the beep that belongs to it, and what parts them. */
export interface FlashAndBeep {
  readonly flashMs: number;
  readonly beepMs: number;
}

/** What is left in the page's `window`. */
interface Left {
  doorkeepSeen?: SeenPicture[];
  doorkeepFirst?: { placedMs: number; seenMs: number };
  doorkeepFlashes?: number[];
  doorkeepBeeps?: number[];
}

/** A round trip to the page takes 1 ms; the shortest of so many says most about the clocks. */
const ASKED_TIMES = 40;

/** `clock` minus the page's `performance.now()`, to half of the shortest round trip. */
export async function pageClockMs(page: Page, clock: Clock): Promise<number> {
  let best = { tookMs: Infinity, offsetMs: 0 };
  for (let time = 0; time < ASKED_TIMES; time += 1) {
    const beforeMs = clock.monotonicMs();
    const pageMs = await page.evaluate(() => performance.mark('asked').startTime);
    const tookMs = clock.monotonicMs() - beforeMs;
    if (tookMs < best.tookMs) best = { tookMs, offsetMs: beforeMs + tookMs / 2 - pageMs };
  }
  return best.offsetMs;
}

/** From now on the page notes each picture of a numbered clip (tests/fixtures/clips). */
export async function watchNumbers(page: Page): Promise<void> {
  await page.evaluate(() => {
    const bits = 16;
    const sidePx = 16;
    const seen: { number: number; atMs: number }[] = [];
    (window as unknown as { doorkeepSeen: unknown }).doorkeepSeen = seen;
    const video = document.querySelector('video');
    if (video === null) throw new Error('no picture to watch');
    const onFrame: VideoFrameRequestCallback = (_, { expectedDisplayTime }) => {
      // The first plane of the corner with the number: a canvas would convert the whole picture.
      const frame = new VideoFrame(video);
      const rect = { x: 0, y: 0, width: bits * sidePx, height: sidePx };
      const luma = new Uint8Array(frame.allocationSize({ rect }));
      void frame.copyTo(luma, { rect }).then(() => {
        frame.close();
        let number = 0;
        for (let bit = 0; bit < bits; bit += 1) {
          const at = (sidePx / 2) * bits * sidePx + bit * sidePx + sidePx / 2;
          if ((luma[at] ?? 0) > 128) number += 2 ** bit;
        }
        seen.push({ number, atMs: expectedDisplayTime });
      });
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
  });
}

/** Takes away what was noted so far. */
export async function takeNumbers(page: Page): Promise<SeenPicture[]> {
  return page.evaluate(() => (window as unknown as Left).doorkeepSeen?.splice(0) ?? []);
}

/** The next pages that `page` loads note when the first picture was placed and when it was seen. */
export async function watchFirst(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const watcher = new MutationObserver(() => {
      const video = document.querySelector('video');
      if (video === null) return;
      watcher.disconnect();
      const placedMs = performance.mark('placed').startTime;
      video.requestVideoFrameCallback((_, { expectedDisplayTime }) => {
        const first = { placedMs, seenMs: expectedDisplayTime };
        (window as unknown as { doorkeepFirst: unknown }).doorkeepFirst = first;
      });
    });
    watcher.observe(document, { childList: true, subtree: true });
  });
}

/** Waits for the first picture; milliseconds since the page was asked for. */
export async function untilFirst(page: Page): Promise<{ placedMs: number; seenMs: number }> {
  const handle = await page.waitForFunction(() => (window as unknown as Left).doorkeepFirst);
  return (await handle.jsonValue()) ?? { placedMs: 0, seenMs: Infinity };
}

/**
 * The plain player: a fragment is a whole GOP, because that is how segments are written, and it plays
 * what it has from its beginning. No look at the edge, no jump, no change of speed.
 */
export async function playPlainly(page: Page, cameraId: string): Promise<void> {
  await page.evaluate((id) => {
    /** sample_is_non_sync_sample is not set in the flags that ffmpeg gives the only sample. */
    const isKey = (bytes: Uint8Array): boolean => {
      const view = new DataView(bytes.buffer);
      const find = (name: string): number => {
        const [a, b, c, d] = [0, 1, 2, 3].map((index) => name.charCodeAt(index));
        for (let at = 0; at + 4 <= bytes.length; at += 1) {
          if (
            bytes[at] === a &&
            bytes[at + 1] === b &&
            bytes[at + 2] === c &&
            bytes[at + 3] === d
          ) {
            return at + 4;
          }
        }
        return -1;
      };
      const trun = find('trun');
      const trunFlags = view.getUint32(trun) & 0xff_ffff;
      if ((trunFlags & 0x04) !== 0) {
        return (view.getUint32(trun + 8 + ((trunFlags & 1) === 0 ? 0 : 4)) & 0x1_0000) === 0;
      }
      const tfhd = find('tfhd');
      const flags = view.getUint32(tfhd) & 0xff_ffff;
      const before = [0x01, 0x01, 0x02, 0x08, 0x10].filter((flag) => (flags & flag) !== 0).length;
      return (view.getUint32(tfhd + 8 + before * 4) & 0x1_0000) === 0;
    };
    const video = document.createElement('video');
    video.muted = true;
    video.autoplay = true;
    document.body.replaceChildren(video);
    const source = new MediaSource();
    video.src = URL.createObjectURL(source);
    const address = `${location.origin.replace('http', 'ws')}/api/cameras/${id}/live?stream=main`;
    source.addEventListener('sourceopen', () => {
      const socket = new WebSocket(address);
      socket.binaryType = 'arraybuffer';
      let buffer: SourceBuffer | undefined;
      let gop: ArrayBuffer[] = [];
      const waiting: Blob[] = [];
      const append = async (): Promise<void> => {
        const next = buffer?.updating === false ? waiting.splice(0, 1)[0] : undefined;
        if (next !== undefined) buffer?.appendBuffer(await next.arrayBuffer());
        if (video.buffered.length > 0 && video.currentTime < video.buffered.start(0)) {
          video.currentTime = video.buffered.start(0);
        }
      };
      socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
        if (typeof data === 'string') {
          const message = JSON.parse(data) as { type: string; codecs: string };
          if (message.type !== 'init') return;
          buffer = source.addSourceBuffer(`video/mp4; codecs="${message.codecs}"`);
          buffer.addEventListener('updateend', () => void append());
          gop = [];
          return;
        }
        const isInit = new DataView(data).getUint32(4) === 0x66_74_79_70;
        if (isInit || (isKey(new Uint8Array(data)) && gop.length > 0)) {
          if (gop.length > 0) waiting.push(new Blob(gop));
          gop = [];
          if (isInit) waiting.push(new Blob([data]));
        }
        if (!isInit) gop.push(data);
        void append();
      };
    });
  }, cameraId);
}

/**
 * From now on the page notes flashes and the beeps that belong to them. The element's sound is led
 * through Web Audio, which says for each block when it is heard.
 */
export async function watchFlashes(page: Page): Promise<void> {
  await page.evaluate(() => {
    const video = document.querySelector('video');
    if (video === null) throw new Error('no picture to watch');
    const flashes: number[] = [];
    const beeps: number[] = [];
    Object.assign(window, { doorkeepFlashes: flashes, doorkeepBeeps: beeps });
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [1, 1];
    const context = canvas.getContext('2d', { willReadFrequently: true });
    let wasBright = true;
    const onFrame: VideoFrameRequestCallback = (_, { expectedDisplayTime }) => {
      context?.drawImage(video, 0, 0, 1, 1);
      const isBright = (context?.getImageData(0, 0, 1, 1).data[0] ?? 0) > 128;
      if (isBright && !wasBright) flashes.push(expectedDisplayTime);
      wasBright = isBright;
      video.requestVideoFrameCallback(onFrame);
    };
    video.requestVideoFrameCallback(onFrame);
    const audio = new AudioContext({ latencyHint: 'interactive' });
    const source = audio.createMediaElementSource(video);
    const listener = audio.createAnalyser();
    // A sixth of a second: no turn of the page's own work is as long.
    listener.fftSize = 8_192;
    source.connect(listener);
    source.connect(audio.destination);
    const samples = new Float32Array(listener.fftSize);
    let heardS = audio.currentTime;
    let loudS = -Infinity;
    const onTurn = (): void => {
      listener.getFloatTimeDomainData(samples);
      const endS = audio.currentTime;
      const now = audio.getOutputTimestamp();
      for (const [index, sample] of samples.entries()) {
        const atS = endS - (samples.length - index) / audio.sampleRate;
        if (atS <= heardS || Math.abs(sample) < 0.25) continue;
        if (atS - loudS > 0.5) {
          beeps.push((now.performanceTime ?? 0) + (atS - (now.contextTime ?? 0)) * 1_000);
        }
        loudS = atS;
      }
      heardS = endS;
      requestAnimationFrame(onTurn);
    };
    requestAnimationFrame(onTurn);
  });
}

/** Each flash with the beep next to it. */
export async function takeFlashes(page: Page): Promise<FlashAndBeep[]> {
  const { flashes, beeps } = await page.evaluate(() => {
    const left = window as unknown as Left;
    return { flashes: left.doorkeepFlashes ?? [], beeps: left.doorkeepBeeps ?? [] };
  });
  return flashes.flatMap((flashMs) => {
    const [beepMs] = beeps.toSorted((a, b) => Math.abs(a - flashMs) - Math.abs(b - flashMs));
    // Without a beep within half a second, it was before the sound was on.
    return beepMs === undefined || Math.abs(beepMs - flashMs) > 500 ? [] : [{ flashMs, beepMs }];
  });
}
