/** Not built yet. */
import type { JSX } from 'preact';
import { PageFrame } from '../components/page-frame.tsx';

/** See the head of this file. */
export function CameraPage(props: {
  readonly id: string;
  readonly atMs: number | undefined;
}): JSX.Element {
  return <PageFrame title={props.id}>…</PageFrame>;
}
