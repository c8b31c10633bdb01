/**
 * Where in the page a person is: the address bar and a signal that are always the same. The moment that is
 * looked at lies beside the address, in the state of the step: browsers keep addresses in their history,
 * suggest them, and carry them to other devices; an address tells which camera, never when.
 */
import { signal, type ReadonlySignal } from '@preact/signals';

/** Every place there is. `atMs`: the moment that is looked at; undefined means now. */
export type Route =
  | { readonly page: 'wall' }
  | { readonly page: 'camera'; readonly id: string; readonly atMs: number | undefined }
  | { readonly page: 'cameras' }
  | { readonly page: 'new-camera' }
  | { readonly page: 'edit-camera'; readonly id: string }
  | { readonly page: 'exports' }
  | { readonly page: 'storage' }
  | { readonly page: 'settings' }
  | { readonly page: 'record' }
  | { readonly page: 'privacy' }
  | { readonly page: 'plug-test' }
  | { readonly page: 'cloud' }
  | { readonly page: 'phones' }
  | { readonly page: 'officers' }
  | { readonly page: 'stolen' }
  | { readonly page: 'people' }
  | { readonly page: 'unknown' };

const ID = '([0-9a-f]{16})';
const CAMERA = new RegExp(`^/camera/${ID}$`);
const EDIT_CAMERA = new RegExp(`^/cameras/${ID}$`);

/** Reads an address. Pure. */
export function parseRoute(pathname: string, search: string): Route {
  const camera = CAMERA.exec(pathname)?.[1];
  if (camera !== undefined) {
    const at = new URLSearchParams(search).get('at');
    const atMs = at === null ? Number.NaN : Date.parse(at);
    return { page: 'camera', id: camera, atMs: Number.isNaN(atMs) ? undefined : atMs };
  }
  const edited = EDIT_CAMERA.exec(pathname)?.[1];
  if (edited !== undefined) return { page: 'edit-camera', id: edited };
  switch (pathname) {
    case '/':
      return { page: 'wall' };
    case '/cameras':
      return { page: 'cameras' };
    case '/cameras/new':
      return { page: 'new-camera' };
    case '/exports':
      return { page: 'exports' };
    case '/storage':
      return { page: 'storage' };
    case '/settings':
      return { page: 'settings' };
    case '/record':
      return { page: 'record' };
    case '/privacy':
      return { page: 'privacy' };
    case '/privacy/plug':
      return { page: 'plug-test' };
    case '/privacy/cloud':
      return { page: 'cloud' };
    case '/phones':
      return { page: 'phones' };
    case '/privacy/asked':
      return { page: 'officers' };
    case '/privacy/taken':
      return { page: 'stolen' };
    case '/people':
      return { page: 'people' };
    default:
      return { page: 'unknown' };
  }
}

/** The address of a place; a moment is not in it. Pure. */
export function addressOf(route: Route): string {
  switch (route.page) {
    case 'camera':
      return `/camera/${route.id}`;
    case 'cameras':
      return '/cameras';
    case 'new-camera':
      return '/cameras/new';
    case 'edit-camera':
      return `/cameras/${route.id}`;
    case 'exports':
      return '/exports';
    case 'storage':
      return '/storage';
    case 'settings':
      return '/settings';
    case 'record':
      return '/record';
    case 'privacy':
      return '/privacy';
    case 'plug-test':
      return '/privacy/plug';
    case 'cloud':
      return '/privacy/cloud';
    case 'phones':
      return '/phones';
    case 'officers':
      return '/privacy/asked';
    case 'stolen':
      return '/privacy/taken';
    case 'people':
      return '/people';
    case 'wall':
    case 'unknown':
      return '/';
  }
}

const current = signal<Route>({ page: 'wall' });

/** The present place. */
export const route: ReadonlySignal<Route> = current;

/** What is kept beside the address of a step. */
interface StepState {
  readonly atMs: number | undefined;
}

/** The place of a step: its address, and the moment in its state. One in the address (somebody typed it)
 * counts while there is no state. Pure. */
export function routeOfStep(pathname: string, search: string, state: unknown): Route {
  const place = parseRoute(pathname, search);
  if (place.page !== 'camera' || !isStepState(state)) return place;
  return { ...place, atMs: state.atMs };
}

function isStepState(state: unknown): state is StepState {
  if (typeof state !== 'object' || state === null || !('atMs' in state)) return false;
  const { atMs } = state;
  return atMs === undefined || (typeof atMs === 'number' && Number.isFinite(atMs));
}

function stateOf(place: Route): StepState {
  return { atMs: place.page === 'camera' ? place.atMs : undefined };
}

/** Begins to follow the address bar; once, at the start of the page. */
export function followAddress(): void {
  const read = (): void => {
    const place = routeOfStep(location.pathname, location.search, history.state);
    // A moment in the address is taken out of it before anything else is shown.
    if (place.page === 'camera' && location.search !== '') {
      history.replaceState(stateOf(place), '', addressOf(place));
    }
    current.value = place;
  };
  addEventListener('popstate', read);
  read();
}

/** Goes to a place. `replace` leaves no step for the back button: for moments of one camera. */
export function goTo(next: Route, how: 'push' | 'replace' = 'push'): void {
  const address = addressOf(next);
  if (how === 'push') history.pushState(stateOf(next), '', address);
  else history.replaceState(stateOf(next), '', address);
  current.value = next;
}
