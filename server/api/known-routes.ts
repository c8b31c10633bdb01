/** Tells an address that does not exist (404) from a method that does not fit it (405), which
 * fastify does not. */

/** Patterns that were registered, with their methods. */
export class KnownRoutes {
  readonly #methods = new Map<string, { matches: RegExp; methods: Set<string> }>();

  /** Notes a route as fastify spells it: `/api/cameras/:id`. */
  add(pattern: string, methods: readonly string[]): void {
    const known = this.#methods.get(pattern) ?? { matches: toRegExp(pattern), methods: new Set() };
    for (const method of methods) known.methods.add(method);
    this.#methods.set(pattern, known);
  }

  /** The methods of a path (query removed), sorted; empty when no route has it. */
  methodsOf(path: string): string[] {
    const found = new Set<string>();
    for (const { matches, methods } of this.#methods.values()) {
      if (matches.test(path)) for (const method of methods) found.add(method);
    }
    return [...found].sort();
  }
}

function toRegExp(pattern: string): RegExp {
  // A parameter ends at the next character that no name has: `:cameraId.m3u8`.
  const pieces = pattern
    .split(/(:\w+)/)
    .map((piece) =>
      piece.startsWith(':') ? '[^/]+' : piece.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`),
    );
  return new RegExp(`^${pieces.join('')}$`);
}
