/** What the parts of the guard have in common: putting a function in the place of another for good,
 * and saying no. */
import { AppError } from '../base/errors.ts';
import { printableDestination, tellRefusal, type RefusedWay } from './refusals.ts';
import { whoAsked } from './who-asked.ts';

/** A function of Node's, as it is wrapped here. */
export type Callable = (this: unknown, ...args: unknown[]) => unknown;

/** What stands in the place of Node's own, to be found there when asked. */
const placed: { readonly owner: object; readonly name: string; readonly guarded: unknown }[] = [];

/**
 * Puts `guarded` in the place of `owner[name]`, where nobody replaces it again. Throws when there is
 * no such function: a Node.js that differs from what the guard knows is not one to run on.
 */
export function replaceFor(owner: object, name: string, wrap: (own: Callable) => unknown): void {
  const own: unknown = Reflect.get(owner, name);
  if (typeof own !== 'function') {
    throw new AppError('internal', `the guard finds no ${name} to guard`);
  }
  const guarded = wrap(own as Callable);
  Object.defineProperty(owner, name, {
    ...{ value: guarded, writable: false, configurable: false },
    enumerable: Object.prototype.propertyIsEnumerable.call(owner, name),
  });
  placed.push({ owner, name, guarded });
}

/** Whether the guard was installed, and everything that it put in place is still there. */
export function isGuardActive(): boolean {
  return (
    placed.length > 0 &&
    placed.every(({ owner, name, guarded }) => Reflect.get(owner, name) === guarded)
  );
}

/** Records the attempt and answers the error for whoever made it. */
export function refuse(way: RefusedWay, to: string): AppError {
  const where = printableDestination(to);
  const name = whoAsked();
  tellRefusal({ way, who: { kind: 'program', name }, to: where, reason: 'not-announced' });
  return new AppError('forbidden', 'Doorkeep stopped a part of itself from leaving the box.', {
    reason: 'not-announced',
    cause: new Error(`${name}: ${way} to ${where}`),
    hint: 'Nothing was sent. Please report this: it is a mistake in Doorkeep.',
  });
}
