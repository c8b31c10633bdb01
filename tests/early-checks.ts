/** Started by set-up while it compiles SQLite: the checks of `npm test`, before their turn. */
import { runChecks } from './runner/checks.ts';
import { leaveEarlyChecks } from './runner/early-checks.ts';

await leaveEarlyChecks(
  await runChecks((line) => {
    process.stdout.write(`${line}\n`);
  }),
);
