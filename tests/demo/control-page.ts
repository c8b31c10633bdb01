/** The control page as HTML: forms only, so that it works without a script, by thumb and by keyboard. */
import { DROP_CONNECTIONS, SWITCHES } from './switches.ts';
import type { DemoCamera } from './demo-home.ts';

const LIGHTS = [
  ['clock', 'By the clock'],
  ['day', 'Day'],
  ['night', 'Night'],
] as const;

const VISITS = [
  ['visitor', 'Somebody rings', 'A neighbour walks up, presses the bell, waits, and leaves.'],
  ['courier', 'A parcel comes', 'A courier rings, puts a parcel down, and leaves.'],
  ['dog', 'The dog comes', 'It trots up, sits down, barks twice, and trots off.'],
] as const;

/** What the page shows. */
export interface ControlPageParts {
  readonly cameras: readonly DemoCamera[];
  /** Of Doorkeep. */
  readonly address: string;
}

/** The whole page. */
export function controlPage({ cameras, address }: ControlPageParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Doorkeep demo: cameras</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Cameras of the demo</h1>
<p>What you press here happens in front of a simulated camera, or to it. Look at the wall of
<a href="${escaped(address)}">Doorkeep</a> meanwhile. Each button is a plain call, too: docs/guide/demo.md
lists them.</p>
${button('/well', 'All well again', { note: 'Takes every trouble from every camera.' })}
</header>
<main>
${cameras.map(cameraSection).join('\n')}
</main>
</body>
</html>
`;
}

function cameraSection({ slug, name, doorbell }: DemoCamera): string {
  const path = `/cameras/${slug}`;
  const light = LIGHTS.map(([value, label]) =>
    button(`${path}/light/${value}`, label, { pressed: doorbell.light === value }),
  );
  const visits = VISITS.map(([kind, label, note]) =>
    button(`${path}/visit/${kind}`, label, { note }),
  );
  const troubles = SWITCHES.map(({ slug: trouble, label, seen, isOn }) => {
    const on = isOn(doorbell);
    return button(`${path}/trouble/${trouble}/${on ? 'off' : 'on'}`, label, {
      note: seen,
      pressed: on,
    });
  });
  const { slug: drop, label, seen } = DROP_CONNECTIONS;
  return `<section id="${slug}" aria-labelledby="${slug}-name">
<h2 id="${slug}-name">${escaped(name)}</h2>
<p class="facts">${String(doorbell.size.width)} × ${String(doorbell.size.height)}, <code>${escaped(doorbell.mainUrl)}</code></p>
<h3>At the door</h3>
<ul>${visits.map(item).join('')}</ul>
<h3>Light</h3>
<ul class="row">${light.map(item).join('')}</ul>
<h3>Trouble</h3>
<ul>${[...troubles, button(`${path}/${drop}`, label, { note: seen })].map(item).join('')}</ul>
</section>`;
}

function item(html: string): string {
  return `<li>${html}</li>`;
}

function button(
  action: string,
  label: string,
  { note, pressed }: { note?: string; pressed?: boolean } = {},
): string {
  const state = pressed === undefined ? '' : ` aria-pressed="${String(pressed)}"`;
  const words = note === undefined ? '' : `<span>${escaped(note)}</span>`;
  return `<form method="post" action="${action}"><button${state}>${escaped(label)}</button>${words}</form>`;
}

function escaped(text: string): string {
  const entities: Record<string, string> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replaceAll(/[&<>"]/g, (character) => entities[character] ?? character);
}

/** The colours and steps of Doorkeep's own page, so that both look like one house. */
const STYLE = `
:root { color-scheme: light dark; --ground: #f6f3ee; --surface: #fffdf9; --line: #ddd7cd; --ink: #26221d;
  --ink-soft: #615a50; --lamp: #9a5b00; --lamp-soft: #fbe9cb; --focus: #1d5fa8; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #171512; --surface: #201e1a; --line: #3a3630; --ink: #efebe4; --ink-soft: #b3aca1;
    --lamp: #f2b04a; --lamp-soft: #3c2e17; --focus: #8ab8ee; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1280px; padding: 16px; background: var(--ground); color: var(--ink);
  font: 400 1rem/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif; }
header { max-width: 640px; margin-bottom: 24px; }
h1 { font-size: 1.75rem; font-weight: 600; margin: 0; line-height: 1.25; }
h2 { font-size: 1.25rem; font-weight: 600; margin: 0; }
h3 { font-size: 0.875rem; font-weight: 600; margin: 16px 0 4px; color: var(--ink-soft); }
p { margin: 8px 0; }
main { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(min(320px, 100%), 1fr)); }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 12px; padding: 16px; }
.facts { font-size: 0.75rem; color: var(--ink-soft); overflow-wrap: anywhere; }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 8px; }
.row { display: flex; flex-wrap: wrap; }
form { margin: 0; }
span { display: block; font-size: 0.75rem; color: var(--ink-soft); margin-top: 4px; }
a { color: var(--focus); }
code { font-size: 0.875em; }
button { font: inherit; min-height: 44px; padding: 8px 16px; color: var(--ink); background: var(--ground);
  border: 1px solid var(--line); border-radius: 6px; cursor: pointer; }
li button { width: 100%; text-align: left; }
.row button { width: auto; }
button[aria-pressed='true'] { background: var(--lamp-soft); border-color: var(--lamp); font-weight: 600; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
`;
