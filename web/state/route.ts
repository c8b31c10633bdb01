/** Where in the page a person is: the address bar and a signal that are always the same. */
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
    case '/people':
      return { page: 'people' };
    default:
      return { page: 'unknown' };
  }
}

/** The address of a place. Pure; the inverse of `parseRoute`. */
export function addressOf(route: Route): string {
  switch (route.page) {
    case 'camera': {
      const at = route.atMs === undefined ? '' : `?at=${new Date(route.atMs).toISOString()}`;
      return `/camera/${route.id}${at}`;
    }
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

/** Begins to follow the address bar; once, at the start of the page. */
export function followAddress(): void {
  const read = (): void => {
    current.value = parseRoute(location.pathname, location.search);
  };
  addEventListener('popstate', read);
  read();
}

/** Goes to a place. `replace` leaves no step for the back button: for moments of one camera. */
export function goTo(next: Route, how: 'push' | 'replace' = 'push'): void {
  const address = addressOf(next);
  if (how === 'push') history.pushState(null, '', address);
  else history.replaceState(null, '', address);
  current.value = next;
}
