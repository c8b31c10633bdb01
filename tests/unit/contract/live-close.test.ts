/** Why the box closes a live view: every code stands in the description and in the design, and no other. */
import { describe, expect, it } from 'vitest';
import { LIVE_CLOSE } from '../../../server/contract/live.ts';
import { textOf } from '../../repo/tree.ts';

interface Described {
  readonly paths: Record<string, { readonly get: { readonly 'x-websocket': WebSocketWords } }>;
}

interface WebSocketWords {
  readonly close: Record<string, number>;
  readonly binary: Record<string, string>;
  readonly text: {
    readonly oneOf: readonly {
      readonly properties: { readonly type: { readonly const: string } };
    }[];
  };
}

describe('the reasons for which a live view is closed', () => {
  const described = JSON.parse(textOf('docs/ref/openapi.json')) as Described;
  const words = described.paths['/api/cameras/{id}/live']?.get['x-websocket'];

  it('stand in the description with their codes, beside every message', () => {
    expect(words?.close).toEqual(LIVE_CLOSE);
    const messages = words?.text.oneOf.map(({ properties }) => properties.type.const);
    expect(messages).toEqual(['init', 'dropped', 'state']);
    expect(Object.keys(words?.binary ?? {})).toEqual(['init', 'media']);
  });

  it.each(Object.entries(LIVE_CLOSE))(
    '%s stands in the design, with what a page does',
    (name, code) => {
      const row = new RegExp(
        `^\\| ${String(code)} \\| \`${name}\` \\| [^|]*\\w{3}[^|]* \\| [^|]*\\w{3}[^|]* \\|$`,
        'm',
      );
      expect(textOf('docs/design/live.md')).toMatch(row);
    },
  );

  it('and no other code does', () => {
    const listed = textOf('docs/design/live.md').matchAll(/^\| (\d{4}) \| `/gm);
    const codes = [...listed].map(([, code]) => Number(code));
    expect(codes.sort()).toEqual(Object.values(LIVE_CLOSE).sort());
  });

  it('are codes that an application or a server may send (RFC 6455 7.4)', () => {
    for (const code of Object.values(LIVE_CLOSE)) {
      expect(code === 1001 || code === 1008 || (code >= 4000 && code < 5000), String(code)).toBe(
        true,
      );
    }
  });
});
