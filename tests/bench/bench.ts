/** `npm run bench -- NAME --json`: one benchmark, one JSON object on stdout. */

/** A benchmark: runs for a minute or so and returns its numbers and its ratios. `args` are what follows
 * its name, for those that take more. */
type Bench = (args: readonly string[]) => Promise<object>;

/** By name. Each is loaded only when asked for. */
const BENCHES: Readonly<Record<string, () => Promise<{ run: Bench }>>> = {
  audit: () => import('./audit.ts'),
  durable: () => import('./durable.ts'),
  fmp4: () => import('./fmp4.ts'),
  export: () => import('./export.ts'),
  ingest: () => import('./ingest.ts'),
  live: () => import('./live.ts'),
  playback: () => import('./playback.ts'),
  store: () => import('./store.ts'),
};

/** Benchmarks with options of their own. */
const TAKE_MORE: ReadonlySet<string> = new Set(['live', 'store']);

/** Called wrongly; told from a benchmark that threw, which is 1. */
const EXIT_USAGE = 2;

async function main(args: readonly string[]): Promise<number> {
  const [name = '', ...more] = args.filter((arg) => arg !== '--json');
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (load === undefined || (more.length > 0 && !TAKE_MORE.has(name))) {
    const known = Object.keys(BENCHES).join(', ');
    process.stderr.write(`usage: npm run bench -- NAME [--json]; NAME is one of: ${known}\n`);
    return EXIT_USAGE;
  }
  const result = await (await load()).run(more);
  const indent = args.includes('--json') ? undefined : 2;
  process.stdout.write(`${JSON.stringify(result, undefined, indent)}\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
