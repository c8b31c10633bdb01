/** What can be heard at a place: steps, a bark, the chime, a little wind. Synthesised, in PCMU. */
import { chanceOf } from './chance.ts';
import {
  type Actor,
  momentsOf,
  sceneAt,
  type SceneSettings,
  type Visit,
  visitsAround,
} from './scene.ts';

/** G.711 is defined at this rate (ITU-T G.711). */
export const SAMPLE_RATE = 8_000;

/** 20 ms, the default of RFC 3551 4.2. */
export const PACKET_MS = 20;

const PACKET_SAMPLES = (SAMPLE_RATE * PACKET_MS) / 1_000;

/** Metres from one footfall to the next. */
const STEP_M = 0.65;

/** The two notes of the chime, in Hz: a third, falling. */
const CHIME_HZ = [659.3, 523.3] as const;
const CHIME_NOTE_S = 0.55;

const CHIME_S = 2.2;
const BARK_S = 0.2;
const STEP_S = 0.07;

/** 20 ms of sound that begins at a moment, as µ-law. Silence when `settings` have nobody near. */
export function soundPacket(
  wallMs: number,
  settings: SceneSettings,
  asked: readonly Visit[],
): Buffer {
  const samples = new Float32Array(PACKET_SAMPLES);
  addWind(samples, wallMs);
  for (const visit of [...visitsAround(wallMs, settings), ...asked]) {
    const { pressMs, barksMs } = momentsOf(visit, settings.routes);
    if (pressMs !== undefined)
      addTone(samples, wallMs, { startMs: pressMs, seconds: CHIME_S, at: chime });
    for (const startMs of barksMs) {
      const pitch = visit.who % 2 === 0 ? 300 : 480;
      addTone(samples, wallMs, { startMs, seconds: BARK_S, at: (second) => bark(second, pitch) });
    }
  }
  addSteps(samples, wallMs, settings, asked);
  return Buffer.from(Array.from(samples, (sample) => muLaw(sample)));
}

interface Tone {
  readonly startMs: number;
  readonly seconds: number;
  readonly at: (second: number) => number;
}

function addTone(samples: Float32Array, wallMs: number, { startMs, seconds, at }: Tone): void {
  const fromS = (wallMs - startMs) / 1_000;
  if (fromS >= seconds || fromS + PACKET_MS / 1_000 <= 0) return;
  for (let index = 0; index < samples.length; index += 1) {
    const second = fromS + index / SAMPLE_RATE;
    if (second >= 0 && second < seconds) samples[index]! += at(second);
  }
}

function chime(second: number): number {
  return CHIME_HZ.reduce((sum, pitch, note) => {
    const since = second - note * CHIME_NOTE_S;
    if (since < 0) return sum;
    const swing =
      Math.sin(2 * Math.PI * pitch * since) + 0.3 * Math.sin(4 * Math.PI * pitch * since);
    return sum + 0.26 * Math.exp(-3.2 * since) * Math.min(1, since * 200) * swing;
  }, 0);
}

function bark(second: number, pitch: number): number {
  const share = second / BARK_S;
  const phase = second * pitch * (1.35 - 0.5 * share);
  const rough = chanceOf('bark', Math.floor(second * SAMPLE_RATE)) - 0.5;
  // A saw: rich in overtones, as a throat is.
  return Math.sin(Math.PI * share) ** 0.6 * (0.5 * (2 * (phase % 1) - 1) + 0.25 * rough);
}

// Quieter and louder over some seconds; two neighbouring samples of noise make it dull.
function addWind(samples: Float32Array, wallMs: number): void {
  const second = wallMs / 1_000;
  const gust = 0.006 + 0.005 * Math.sin(second * 0.7) * Math.sin(second * 0.23);
  const first = Math.round((wallMs * SAMPLE_RATE) / 1_000);
  let dull = 0;
  for (let index = 0; index < samples.length; index += 1) {
    dull += 0.12 * (chanceOf('wind', first + index) - 0.5 - dull);
    samples[index]! += dull * gust * 8;
  }
}

function addSteps(
  samples: Float32Array,
  wallMs: number,
  settings: SceneSettings,
  asked: readonly Visit[],
): void {
  // Whoever set a foot down within the last step may still be heard.
  const before = sceneAt(wallMs - STEP_S * 1_000, settings, asked).actors;
  for (const actor of sceneAt(wallMs, settings, asked).actors) {
    const earlier = before.find(({ kind, who }) => kind === actor.kind && who === actor.who);
    if (actor.kind === 'dog' || earlier === undefined || !hasStepped(earlier, actor)) continue;
    const loudness = 0.3 / Math.max(1.5, actor.z);
    const speed = (actor.walkedM - earlier.walkedM) / STEP_S;
    const sinceS = (actor.walkedM % STEP_M) / Math.max(speed, 0.1);
    addTone(samples, wallMs, {
      startMs: wallMs - sinceS * 1_000,
      seconds: STEP_S,
      at: (second) => loudness * Math.exp(-70 * second) * Math.sin(2 * Math.PI * 110 * second),
    });
  }
}

function hasStepped(earlier: Actor, now: Actor): boolean {
  return Math.floor(earlier.walkedM / STEP_M) !== Math.floor(now.walkedM / STEP_M);
}

/** One sample of -1 to 1 as µ-law (ITU-T G.711 table 2a): sign, three bits of exponent, four more. */
export function muLaw(sample: number): number {
  const magnitude = Math.min(32_635, Math.round(Math.abs(sample) * 32_767)) + 132;
  const exponent = Math.min(7, Math.max(0, Math.floor(Math.log2(magnitude)) - 7));
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~((sample < 0 ? 0x80 : 0) | (exponent << 4) | mantissa) & 0xff;
}
