/** `npm run bench -- NAME --json`: one benchmark, one JSON object on stdout. */

/** A benchmark: runs for a minute or so and returns its numbers and its ratios. */
type Bench = () => Promise<object>;

/** By name. Each is loaded only when asked for. */
const BENCHES: Readonly<Record<string, () => Promise<{ run: Bench }>>> = {
  fmp4: () => import('./fmp4.ts'),
  export: () => import('./export.ts'),
  ingest: () => import('./ingest.ts'),
  store: () => import('./store.ts'),
};

/** Called wrongly; told from a benchmark that threw, which is 1. */
const EXIT_USAGE = 2;

async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((arg) => arg !== '--json');
  const [name = ''] = names;
  const load = Object.hasOwn(BENCHES, name) ? BENCHES[name] : undefined;
  if (load === undefined || names.length !== 1) {
    const known = Object.keys(BENCHES).join(', ');
    process.stderr.write(`usage: npm run bench -- NAME [--json]; NAME is one of: ${known}\n`);
    return EXIT_USAGE;
  }
  const result = await (await load()).run();
  const indent = args.includes('--json') ? undefined : 2;
  process.stdout.write(`${JSON.stringify(result, undefined, indent)}\n`);
  return 0;
}

process.exitCode = await main(process.argv.slice(2));
