/** Which cameras somebody sees: all of them, or those that are ticked. */
import type { JSX } from 'preact';
import { cameras as known } from '../state/cameras.ts';
import { Switch } from './switch.tsx';

/** null: every camera, those to come included. */
export function CameraBoxes(props: {
  readonly cameras: readonly string[] | null;
  readonly onChange: (cameras: readonly string[] | null) => void;
}): JSX.Element {
  const { cameras, onChange } = props;
  const all = known.value ?? [];
  return (
    <div class="stack">
      <Switch
        label="Every camera"
        on={cameras === null}
        help="Those that you add later, too."
        onChange={(on) => {
          onChange(on ? null : all.map(({ id }) => id));
        }}
      />
      {cameras !== null &&
        all.map(({ id, name }) => (
          <Switch
            key={id}
            label={name}
            on={cameras.includes(id)}
            onChange={(on) => {
              onChange(on ? [...cameras, id] : cameras.filter((other) => other !== id));
            }}
          />
        ))}
    </div>
  );
}
