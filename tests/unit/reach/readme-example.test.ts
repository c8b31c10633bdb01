/** The README's first example is a box without a screen, and what it shows is what is printed. */
import { describe, expect, it } from 'vitest';
import { greeting } from '../../../server/reach/greeting.ts';
import { textOf } from '../../repo/tree.ts';

/** Where the README has words for the picture of the link. */
const DRAWN = '(the same link, drawn as a QR code)';

describe('the README', () => {
  const readme = textOf('README.md');
  const blocks = [...readme.matchAll(/^```.*\n([^]*?)^```$/gm)].map(([, block = '']) => block);

  it('begins with a box without a screen', () => {
    expect(/^## (.*)$/m.exec(readme)?.[1]).toBe('On a box without a screen');
    expect(blocks[0]).toMatch(/^npm ci && npm start\b/);
  });

  it('shows line by line what such a box prints, fingerprint and picture of the link, too', () => {
    const shown = (blocks[1] ?? '').trimEnd().split('\n');
    const said = shown.slice(shown.findIndex((line) => line.startsWith('Doorkeep ')));
    const text = said.join('\n');
    const homeAddresses = [...text.matchAll(/at (https:\/\/\S+)$/gm)].map(([, at = '']) => at);
    const code = /code once: (\S+)$/m.exec(text)?.[1];
    const fingerprint = [...text.matchAll(/^ {5}((?:[0-9A-F]{2}:){15}[0-9A-F]{2})$/gm)]
      .map(([, half = '']) => half)
      .join(':');
    const printed = greeting({
      version: /^Doorkeep (\S+)/.exec(text)?.[1] ?? '',
      ownAddress: /this machine at (\S+)$/m.exec(text)?.[1] ?? '',
      ...{ homeAddresses, fingerprint, code },
    });
    const isDrawn = (line: string): boolean => /^[█▀▄ ]{20,}$/.test(line);
    expect(printed.filter(isDrawn).length).toBeGreaterThan(15);
    const inWords = printed.map((line) => (isDrawn(line) ? DRAWN : line));
    // The picture is many lines, its words are one.
    expect(inWords.filter((line, index) => line !== DRAWN || inWords[index - 1] !== DRAWN)).toEqual(
      said,
    );
  });
});
