/** The design's tokens: contrasts computed for both themes (WCAG 2.2, 1.4.3 and 1.4.11), and scales. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../server/config.ts';

const styles = (name: string): string =>
  readFileSync(join(PACKAGE_ROOT, 'web', 'styles', name), 'utf8').replaceAll(
    /\/\*[\s\S]*?\*\//g,
    '',
  );

/** The declarations of the block that begins with `selector`, by name. */
function tokensOf(selector: string): Map<string, string> {
  const start = sheet.indexOf(`${selector} {`);
  const block = start === -1 ? '' : sheet.slice(start, sheet.indexOf('}', start));
  const declarations = block.matchAll(/(--[\w-]+):\s*([^;]+);/g);
  return new Map([...declarations].map((match) => [match[1] ?? '', match[2] ?? '']));
}

const sheet = styles('tokens.css');
const root = tokensOf(':root');
const darkBySystem = tokensOf(":root:not([data-theme='light'])");
const darkByChoice = tokensOf(":root[data-theme='dark']");

const THEMES = {
  light: root,
  dark: new Map([...root, ...darkBySystem]),
};

type Rgb = readonly [number, number, number];

function colour(theme: ReadonlyMap<string, string>, name: string): Rgb {
  const digits = /^#([0-9a-f]{6})$/.exec(theme.get(`--${name}`) ?? '')?.[1];
  if (digits === undefined) throw new Error(`--${name} is no colour of six digits`);
  const parts = [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
  return [parts[0]!, parts[1]!, parts[2]!];
}

/** `rgb(15 14 13 / 62%)` over another colour. */
function over(theme: ReadonlyMap<string, string>, name: string, below: Rgb): Rgb {
  const match = /^rgb\((\d+) (\d+) (\d+) \/ (\d+)%\)$/.exec(theme.get(`--${name}`) ?? '');
  const [red, green, blue, percent] = (match ?? []).slice(1).map(Number);
  if (percent === undefined) throw new Error(`--${name} is no see-through colour`);
  const mix = (top: number, under: number): number =>
    (top * percent + under * (100 - percent)) / 100;
  return [mix(red!, below[0]), mix(green!, below[1]), mix(blue!, below[2])];
}

/** WCAG 2.2, relative luminance. */
function luminance(rgb: Rgb): number {
  const [red, green, blue] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** WCAG 2.2, contrast ratio. */
function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light! + 0.05) / (dark! + 0.05);
}

/** Words, and every ground that they stand on somewhere. */
const TEXTS: readonly [string, readonly string[]][] = [
  ['ink', ['ground', 'surface', 'raised', 'lamp-soft', 'alarm-soft']],
  ['ink-soft', ['ground', 'surface', 'raised', 'lamp-soft', 'alarm-soft']],
  ['lamp', ['ground', 'surface', 'raised', 'lamp-soft']],
  ['alarm', ['ground', 'surface', 'raised', 'alarm-soft']],
  ['on-action', ['action']],
  ['on-picture', ['picture-ground']],
];

/** What has no words but says something: borders of fields, marks, the ring of the focus. */
const MARKS: readonly [string, readonly string[]][] = [
  ['line-strong', ['ground', 'surface', 'raised']],
  ['focus', ['ground', 'surface', 'raised']],
  ['lamp', ['ground', 'surface', 'raised', 'lamp-soft']],
  ['alarm', ['ground', 'surface', 'raised', 'alarm-soft']],
  ['action', ['ground', 'surface', 'raised']],
];

const TEXT_AT_LEAST = 4.5;
const MARK_AT_LEAST = 3;

/** The brightest a picture can be: a porch in snow. */
const WHITE: Rgb = [255, 255, 255];

const pairs = (list: typeof TEXTS): { front: string; ground: string }[] =>
  list.flatMap(([front, grounds]) => grounds.map((ground) => ({ front, ground })));

it('computes contrast as WCAG does', () => {
  expect(contrast(WHITE, [0, 0, 0])).toBeCloseTo(21, 5);
  // The grey that is known to just pass on white.
  expect(contrast([0x76, 0x76, 0x76], WHITE)).toBeCloseTo(4.54, 2);
});

describe.each(Object.entries(THEMES))('%s', (_, theme) => {
  it.each(pairs(TEXTS))('$front can be read on $ground', ({ front, ground }) => {
    const found = contrast(colour(theme, front), colour(theme, ground));
    expect(found).toBeGreaterThanOrEqual(TEXT_AT_LEAST);
  });

  it.each(pairs(MARKS))('$front can be seen on $ground', ({ front, ground }) => {
    const found = contrast(colour(theme, front), colour(theme, ground));
    expect(found).toBeGreaterThanOrEqual(MARK_AT_LEAST);
  });

  it('words on a veil can be read, whatever the picture below shows', () => {
    const words = colour(theme, 'on-picture');
    expect(contrast(words, over(theme, 'veil', WHITE))).toBeGreaterThanOrEqual(TEXT_AT_LEAST);
    expect(contrast(words, over(theme, 'veil', [0, 0, 0]))).toBeGreaterThanOrEqual(TEXT_AT_LEAST);
  });
});

describe('the dark theme', () => {
  it('is the same by the system’s wish and by choice', () => {
    expect(darkBySystem.size).toBeGreaterThan(10);
    expect([...darkByChoice]).toEqual([...darkBySystem]);
  });

  it('changes only what the light theme has', () => {
    expect([...darkBySystem.keys()].filter((name) => !root.has(name))).toEqual([]);
  });

  it('has a colour of its own for each that is not the picture’s', () => {
    // Pictures are dark by day and by night, and so is what lies on them.
    const shared = ['--picture-ground', '--on-picture', '--veil'];
    const colours = [...root].filter(([, value]) => /^(#|rgb)/.test(value)).map(([name]) => name);
    const missing = colours.filter((name) => !darkBySystem.has(name) && !shared.includes(name));
    expect(missing).toEqual([]);
  });
});

describe('the scales', () => {
  it('have five sizes of text', () => {
    const sizes = [...root].filter(([name]) => name.startsWith('--text-'));
    // A root size of 16 px is what browsers have; a person may have set another.
    const px = sizes.map(([, value]) => Number(/^([\d.]+)rem$/.exec(value)?.[1]) * 16);
    expect(px).toEqual([12, 14, 16, 20, 28]);
    expect(sizes.map(([name]) => name)).toEqual(px.map((size) => `--text-${size}`));
  });

  it('have two weights, two radii, one shadow', () => {
    const named = (pattern: RegExp): string[] =>
      [...root.keys()].filter((name) => pattern.test(name));
    const weights = [...root].filter(([, value]) => /^\d{3}$/.test(value));
    expect(weights.map(([name]) => name)).toEqual(['--regular', '--strong']);
    expect(named(/^--radius/).map((name) => root.get(name))).toEqual(['6px', '12px']);
    expect(named(/shadow/)).toEqual(['--shadow']);
  });

  it('lie on a grid of 4 px', () => {
    const steps = [...root].filter(([name]) => name.startsWith('--space-'));
    expect(steps.length).toBeGreaterThan(4);
    expect(steps).toEqual(
      steps.map(([name]) => [name, `${4 * Number(name.replace('--space-', ''))}px`]),
    );
  });

  it('have targets for a thumb, and bars that leave room for pictures', () => {
    expect(root.get('--target')).toBe('44px');
    expect(parseInt(root.get('--top-bar') ?? '', 10)).toBeLessThanOrEqual(48);
    expect(parseInt(root.get('--bottom-bar') ?? '', 10)).toBeLessThanOrEqual(56);
  });

  it('move for 200 ms at most, and not at all for who does not want it', () => {
    const times = [...root].filter(([, value]) => /^\d+ms$/.test(value));
    expect(times.length).toBeGreaterThan(0);
    expect(Math.max(...times.map(([, value]) => parseInt(value, 10)))).toBeLessThanOrEqual(200);
    const still = sheet.slice(sheet.indexOf('prefers-reduced-motion: reduce'));
    for (const [name] of times) expect(still).toContain(`${name}: 0ms`);
  });
});
