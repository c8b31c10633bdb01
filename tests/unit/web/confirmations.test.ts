/** Undo rather than ask (experience, rule 11): what the page asks before, and what it offers back. */
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import type { CameraUse } from '../../../server/contract/storage.ts';
import { createUndoOffer } from '../../../web/state/undo.ts';
import { lossWords } from '../../../web/words/camera-words.ts';
import { TestBrowserClock } from '../../doubles/test-browser-clock.ts';
import { codeBelow, textOf } from '../../repo/tree.ts';

/** Only what cannot be undone is asked. */
const MAY_BE_ASKED = /^(Delete|Remove|Make a new key|Erase)\b/;

/** What the page does to the box, and how each is answered for (`adds`: what was there stays as it
 * is; `lock`: the way back is the password). A new one does not pass until it stands here. */
const CHANGES: Readonly<Record<string, 'undo' | 'asked' | 'adds' | 'session' | 'lock'>> = {
  'PATCH /api/cameras/': 'undo',
  'PATCH /api/settings': 'undo',
  'PATCH /api/first-steps': 'undo',
  'PUT /api/storage/keep/': 'undo',
  'DELETE /api/protected/': 'undo',
  'DELETE /api/cameras/': 'asked',
  'DELETE /api/exports/': 'asked',
  'POST /api/cameras': 'adds',
  'POST /api/cameras/test': 'adds',
  'POST /api/protected': 'undo',
  'POST /api/exports': 'adds',
  'POST /api/exports/': 'adds',
  'POST /api/backups': 'adds',
  // Only where nobody has an account: there is nothing yet that it could take away.
  'POST /api/restores': 'adds',
  'POST /api/restores/': 'adds',
  // Compares; a time is taken by a button that stands beside both times, and files stay as they are.
  'POST /api/clock': 'asked',
  // Sends two empty packets that should not get out.
  'POST /api/privacy/try': 'adds',
  'POST /api/setup': 'adds',
  // In a form of its own that says what the old sheet no longer opens, and wants the password.
  'POST /api/keys': 'asked',
  'POST /api/recovery': 'asked',
  'POST /api/lock': 'lock',
  'POST /api/unlock': 'lock',
  // A check looks, and stopping it takes nothing away.
  'POST /api/audit/verification': 'adds',
  'DELETE /api/audit/verification': 'adds',
  'DELETE /api/keys/phones/': 'undo',
  'POST /api/keys/phones/': 'adds',
  'POST /api/invitations': 'adds',
  'POST /api/people/': 'adds',
  'POST /api/invitations/look': 'adds',
  'POST /api/invitations/claim': 'adds',
  // The way back is another link.
  'DELETE /api/invitations/': 'lock',
  'PATCH /api/people/': 'undo',
  // In words of their own, which say what it ends; a password of a link, by the owner's password.
  'DELETE /api/people/': 'asked',
  'POST /api/tokens': 'adds',
  // Says what the program loses, and that there is no way back.
  'DELETE /api/tokens/': 'asked',
  // In a form that says where one is signed out, and wants the old one.
  'POST /api/session/password': 'asked',
  'POST /api/session': 'session',
  'DELETE /api/session': 'session',
  'POST /api/session/live-only': 'session',
};

/** One element or call of the page’s source. */
interface Found {
  readonly path: string;
  readonly text: string;
}

const sources = codeBelow('web').filter((path) => /\.tsx?$/.test(path));

function each(path: string, visit: (node: ts.Node) => void): void {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(path, textOf(path), ts.ScriptTarget.ES2023, true, kind);
  const walk = (node: ts.Node): void => {
    visit(node);
    ts.forEachChild(node, walk);
  };
  walk(source);
}

/** Elements of this name. */
function elements(name: string): (Found & { readonly children: string })[] {
  const found: (Found & { readonly children: string })[] = [];
  for (const path of sources) {
    each(path, (node) => {
      if (!ts.isJsxElement(node) || node.openingElement.tagName.getText() !== name) return;
      const children = node.children.map((child) => child.getText()).join(' ');
      found.push({ path, text: node.openingElement.getText(), children });
    });
  }
  return found;
}

/** A property of an element, as it is written. */
function written(element: Found, property: string): string {
  const value = new RegExp(`${property}=(?:"([^"]*)"|\\{\`([^\`]*)\`\\})`).exec(element.text);
  return value?.[1] ?? value?.[2] ?? '';
}

describe('the page asks', () => {
  const asked = elements('ConfirmDialog');

  it('before it deletes or removes, and before nothing else', () => {
    expect(asked.map((one) => written(one, 'question')).sort()).toEqual([
      'Delete the oldest of ${props.name}?',
      'Delete this copy?',
      'Remove ${name}?',
    ]);
    for (const one of asked) {
      expect(written(one, 'question'), one.path).toMatch(MAY_BE_ASKED);
      expect(written(one, 'action'), one.path).toMatch(MAY_BE_ASKED);
    }
  });

  it('with the numbers of what is lost', () => {
    // Length and size, computed; what they read like is held below and in the browser tests.
    for (const { path, children } of asked) {
      expect(children, path).toMatch(/[lL]ossWords\(|\{length\}\s*\{size\}/);
    }
    const size = { durationMs: 3 * 86_400_000, bytes: 41_000_000_000 };
    const use = { camera: '0123456789abcdef', ...size } as CameraUse;
    expect(lossWords(use)).toMatch(/^3 days, 41 GB of footage/);
    expect(lossWords(undefined)).toContain('could not be counted');
  });

  it('nowhere with a dialog of the browser’s own, or of another making', () => {
    const calls: string[] = [];
    for (const path of sources) {
      each(path, (node) => {
        if (!ts.isCallExpression(node)) return;
        if (/^((window|globalThis)\.)?(confirm|prompt|alert)$/.test(node.expression.getText())) {
          calls.push(path);
        }
      });
    }
    expect(calls).toEqual([]);
    // The others show keys, and a form: nothing is decided in them but what was begun.
    expect([...new Set(elements('dialog').map(({ path }) => path))].sort()).toEqual([
      'web/components/confirm-dialog.tsx',
      'web/components/export-dialog.tsx',
      'web/components/key-list.tsx',
      'web/components/lock-button.tsx',
    ]);
  });
});

describe('everything else', () => {
  const changing: (Found & { readonly change: string })[] = [];
  for (const path of sources) {
    each(path, (node) => {
      if (!ts.isCallExpression(node)) return;
      const [method, address] = node.arguments;
      if (method === undefined || address === undefined) return;
      const verb = /^'(POST|PUT|PATCH|DELETE)'$/.exec(method.getText())?.[1];
      if (verb === undefined) return;
      const start = /^['`]([^'`$]*)/.exec(address.getText())?.[1] ?? address.getText();
      changing.push({ path, text: node.getText(), change: `${verb} ${start}` });
    });
  }

  it('that changes the box is known, and has a way back unless it is asked or only adds', () => {
    expect([...new Set(changing.map(({ change }) => change))].sort()).toEqual(
      Object.keys(CHANGES).sort(),
    );
  });

  it('has Undo where it changes what was there', () => {
    const offering = sources.filter((path) =>
      /\b(offerUndo|changeWithUndo|setKeepWithUndo|moveCamera)\(/.test(textOf(path)),
    );
    const uses = /\b(changeCamera|setReach|setNetworks|setLearnedAddresses|setKeep)\(/;
    const changers = sources.filter((path) => uses.test(textOf(path)));
    // Whoever calls it offers the way back; what defines it (state/settings.ts) is called by them.
    const silent = changers.filter((path) => !offering.includes(path));
    expect(silent).toEqual(['web/state/settings.ts']);
    // `forgetPhone` offers it itself.
    expect(offering).toContain('web/state/keys.ts');
  });
});

describe('Undo', () => {
  it('is offered for ten seconds', async () => {
    const clock = new TestBrowserClock();
    const { undoable, offerUndo } = createUndoOffer(clock);
    offerUndo({ sentence: 'Garage is switched off.', undo: () => undefined });
    await clock.advance(9_999);
    expect(undoable.value?.sentence).toBe('Garage is switched off.');
    await clock.advance(1);
    expect(undoable.value).toBeUndefined();
  });

  it('takes the newest step back, once; a newer one has its own ten seconds', async () => {
    const clock = new TestBrowserClock();
    const { undoable, offerUndo, takeBack } = createUndoOffer(clock);
    const undone: string[] = [];
    for (const name of ['first', 'second']) {
      offerUndo({
        sentence: name,
        undo: () => {
          undone.push(name);
        },
      });
      await clock.advance(6_000);
    }
    expect(undoable.value?.sentence).toBe('second');
    await takeBack();
    await takeBack();
    expect(undone).toEqual(['second']);
  });
});
