/** What comes into the page by a person's doing is seen, even where it comes below the screen. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** `whole`: its beginning goes to the top, because it is what the page is about from now on. */
export function Reveal(props: {
  readonly whole?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    place.current?.scrollIntoView({ block: props.whole === true ? 'start' : 'nearest' });
  }, []);
  return (
    <div ref={place} class="stack reveal">
      {props.children}
    </div>
  );
}
