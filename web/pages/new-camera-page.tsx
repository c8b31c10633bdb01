/** Adding a camera: from its address to its live picture. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import { CameraForm } from '../components/camera-form.tsx';
import { PageFrame } from '../components/page-frame.tsx';
import { NO_CAMERA, type CameraDraft } from '../state/camera-draft.ts';
import { cameras } from '../state/cameras.ts';
import { draftOf, forgetDraft } from '../state/drafts.ts';
import { goTo } from '../state/route.ts';

const DRAFT = 'new-camera';

/** See the head of this file. */
export function NewCameraPage(): JSX.Element {
  const draft = useMemo(() => draftOf<CameraDraft>(DRAFT, () => NO_CAMERA), []);
  const isFirst = cameras.value?.length === 0;
  return (
    <PageFrame
      title={isFirst ? 'Add your first camera' : 'Add a camera'}
      back={{ page: 'cameras' }}
    >
      <CameraForm
        draft={draft}
        onAdded={({ id }) => {
          forgetDraft(DRAFT);
          goTo({ page: 'camera', id, atMs: undefined }, 'replace');
        }}
      />
    </PageFrame>
  );
}
