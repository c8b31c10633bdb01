/** A machine whose uptime is the monotonic clock of a `TestClock`. */
import type { MachineTime } from '../../server/time/machine-time.ts';
import type { TestClock } from './test-clock.ts';

/** Switched on when it is made. */
export class TestMachine implements MachineTime {
  /** Set by a test when the network has set the clock. */
  stamp: number | undefined;
  readonly #clock: TestClock;

  constructor(
    clock: TestClock,
    readonly bootId = 'boot-1',
  ) {
    this.#clock = clock;
  }

  uptimeMs(): number {
    return this.#clock.monotonicMs();
  }

  networkStamp(): number | undefined {
    return this.stamp;
  }
}
