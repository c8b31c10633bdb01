/** Not built yet. */
import type { JSX } from 'preact';
import { PageFrame } from '../components/page-frame.tsx';

/** See the head of this file. */
export function SettingsPage(): JSX.Element {
  return <PageFrame title="Settings">…</PageFrame>;
}
