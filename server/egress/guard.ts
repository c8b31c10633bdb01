/**
 * Nothing leaves this process but what a door announced (docs/design/egress.md). The first import of
 * every process of ours: what is imported after it finds the guard in place of Node's own functions.
 * It imports no package, because a package that came first could keep what it found.
 */
import { syncBuiltinESMExports } from 'node:module';
import { guardGlobals } from './guard-globals.ts';
import { guardNames } from './guard-names.ts';
import { guardPrograms } from './guard-programs.ts';
import { guardSockets } from './guard-sockets.ts';
import { hearRefusals } from './refusals.ts';

guardSockets();
guardNames();
guardPrograms();
guardGlobals();
// So that `import { connect } from 'node:net'` means the guarded one, in whatever was loaded before.
syncBuiltinESMExports();

// A process that was forked by the server tells it; the server's own ledger listens by itself.
if (process.send !== undefined) {
  hearRefusals((refused) => {
    process.send?.({ refused });
  });
}
