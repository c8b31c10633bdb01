/** Which page is shown: by what the box says (set-up, sign-in), then by the address. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { browserClock } from './base/clock.ts';
import { TroubleNote } from './components/note.tsx';
import { PageFrame } from './components/page-frame.tsx';
import { Link } from './components/link.tsx';
import { CameraPage } from './pages/camera-page.tsx';
import { CamerasPage } from './pages/cameras-page.tsx';
import { CloudPage } from './pages/cloud-page.tsx';
import { EditCameraPage } from './pages/edit-camera-page.tsx';
import { ExportsPage } from './pages/exports-page.tsx';
import { NewCameraPage } from './pages/new-camera-page.tsx';
import { NotYoursPage } from './pages/not-yours-page.tsx';
import { OfficersPage, StolenPage } from './pages/advice-pages.tsx';
import { PhonesPage } from './pages/phones-page.tsx';
import { PlugTestPage } from './pages/plug-test-page.tsx';
import { PrivacyPage } from './pages/privacy-page.tsx';
import { RecordPage } from './pages/record-page.tsx';
import { SetUpPage } from './pages/set-up-page.tsx';
import { InvitationPage } from './pages/invitation-page.tsx';
import { PeoplePage } from './pages/people-page.tsx';
import { RecoveryPage } from './pages/recovery-page.tsx';
import { SettingsPage } from './pages/settings-page.tsx';
import { SheetPage } from './pages/sheet-page.tsx';
import { SignInPage } from './pages/sign-in-page.tsx';
import { StoragePage } from './pages/storage-page.tsx';
import { TrustPage } from './pages/trust-page.tsx';
import { WallPage } from './pages/wall-page.tsx';
import { WallScreenPage } from './pages/wall-screen-page.tsx';
import { box, look } from './state/box.ts';
import { followCameras } from './state/cameras.ts';
import { followPresence } from './state/presence.ts';
import { followRecordHead } from './state/record-head.ts';
import { invitationSecret } from './state/invitation.ts';
import { recoverySheet } from './state/recovery-sheet.ts';
import { mayOpen } from './state/rights.ts';
import { route } from './state/route.ts';
import { trust } from './state/trust.ts';
import type { Trouble } from './api/call.ts';

/** A box that starts answers within seconds; asking more often brings nothing. */
const ASK_AGAIN_MS = 2_000;

/** See the head of this file. */
export function App(): JSX.Element {
  // Nothing comes before what is shown once and never again.
  const sheet = recoverySheet.value;
  if (sheet !== undefined) return <SheetPage key={sheet.key} sheet={sheet} />;
  if (invitationSecret.value !== '') return <InvitationPage key={invitationSecret.value} />;
  const state = box.value;
  switch (state.at) {
    case 'loading':
      return <main class="content" aria-busy="true" />;
    case 'gone':
      return <GonePage trouble={state.trouble} />;
    case 'set-up':
      return <SetUpPage />;
    case 'sign-in':
      return <SignInPage why={state.why} />;
    case 'recovery':
      return <RecoveryPage />;
    case 'ready':
      return <SignedIn isWallScreen={state.session.liveOnly} />;
  }
}

function SignedIn(props: { readonly isWallScreen: boolean }): JSX.Element {
  useEffect(() => {
    const following = [followCameras(), followPresence(), followRecordHead()];
    return () => {
      for (const one of following) one.cancel();
    };
  }, []);
  if (props.isWallScreen) return <WallScreenPage />;
  const place = route.value;
  if (!mayOpen(place.page)) return <NotYoursPage />;
  const showsPictures = place.page === 'wall' || place.page === 'camera';
  if (showsPictures && trust.value === 'asking') return <main class="content" aria-busy="true" />;
  if (showsPictures && trust.value === 'untrusted') return <TrustPage />;
  switch (place.page) {
    case 'wall':
      return <WallPage />;
    case 'camera':
      return <CameraPage key={place.id} id={place.id} atMs={place.atMs} />;
    case 'cameras':
      return <CamerasPage />;
    case 'new-camera':
      return <NewCameraPage />;
    case 'edit-camera':
      return <EditCameraPage key={place.id} id={place.id} />;
    case 'exports':
      return <ExportsPage />;
    case 'storage':
      return <StoragePage />;
    case 'settings':
      return <SettingsPage />;
    case 'record':
      return <RecordPage />;
    case 'privacy':
      return <PrivacyPage />;
    case 'plug-test':
      return <PlugTestPage />;
    case 'cloud':
      return <CloudPage />;
    case 'phones':
      return <PhonesPage />;
    case 'officers':
      return <OfficersPage />;
    case 'stolen':
      return <StolenPage />;
    case 'people':
      return <PeoplePage />;
    case 'unknown':
      return (
        <PageFrame title="Nothing is here">
          <div class="stack">
            <p>This address leads to no page. It may be from another time.</p>
            <Link to={{ page: 'wall' }} class="button">
              To the cameras
            </Link>
          </div>
        </PageFrame>
      );
  }
}

function GonePage(props: { readonly trouble: Trouble }): JSX.Element {
  useEffect(() => {
    const timer = browserClock.setTimer(ASK_AGAIN_MS, () => {
      void look();
    });
    return () => {
      timer.cancel();
    };
  }, [props.trouble]);
  return (
    <main class="content">
      <TroubleNote trouble={props.trouble} />
    </main>
  );
}
