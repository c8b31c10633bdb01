/** No picture of the page is cast, floats above other programs, or is kept by a script behind the page. */
import { describe, expect, it } from 'vitest';
import { STAYS_HERE } from '../../../web/components/stays-here.ts';
import { filesBelow, textOf } from '../../repo/tree.ts';

const sources = filesBelow('web').filter((path) => /\.(ts|tsx|html|js)$/.test(path));

describe('each video of the page', () => {
  it('stays in it', () => {
    expect(STAYS_HERE).toEqual({
      ...{ disableRemotePlayback: true, disablePictureInPicture: true },
      'x-webkit-airplay': 'deny',
    });
    const videos = sources.flatMap((path) =>
      [...textOf(path).matchAll(/<video\b[^>]*>|createElement\('video'\)/g)]
        .map(([tag]) => ({ path, tag }))
        // Comments speak of `<video>` and `<video data-…>`.
        .filter(({ tag }) => tag !== '<video>'),
    );
    expect(videos.length).toBeGreaterThanOrEqual(2);
    expect(videos.filter(({ tag }) => !tag.includes('{...STAYS_HERE}'))).toEqual([]);
  });
});

describe('the sources of the page', () => {
  it.each([
    ...['indexedDB', 'caches.open', 'captureStream', 'navigator.storage', 'sessionStorage.set'],
    ...['PresentationRequest', 'remote.prompt', 'requestPictureInPicture', 'toDataURL', 'toBlob'],
  ])('never say %s', (words) => {
    expect(sources.filter((path) => textOf(path).includes(words))).toEqual([]);
  });

  it('keep a few words in the browser, and register one worker that is empty', () => {
    const saying = (words: string): string[] =>
      sources.filter((path) => textOf(path).includes(words));
    // Which kept phone this is, how a plug test ended, the newest entry of the record, and the looks.
    expect(saying('localStorage.set')).toEqual([
      ...['web/state/kept-phone.ts', 'web/state/plug-test.ts', 'web/state/record-head.ts'],
      'web/state/theme.ts',
    ]);
    // Taken away again at once; server/api/service-workers.ts hands out no other.
    expect(saying('serviceWorker.register')).toEqual(['web/state/trust.ts']);
  });

  it('give the page one title, which tells nothing', () => {
    const titles = sources.flatMap((path) =>
      [...textOf(path).matchAll(/document\.title = (.*);|<title>(.*)<\/title>/g)].map(
        (match) => match[1] ?? match[2],
      ),
    );
    expect([...new Set(titles)].sort()).toEqual(["'Doorkeep'", 'Doorkeep']);
  });
});
