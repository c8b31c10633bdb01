/** A machine whose uptime is the monotonic clock of a `TestClock`. */
import type { MachineTime } from '../../server/time/machine-time.ts';
import type { TestClock } from './test-clock.ts';

/** Switched on when it is made. */
export class TestMachine implements MachineTime {
  /** Set by a test when the network has set the clock. */
  stamp: number | undefined;
  readonly bootId: string;
  readonly #clock: TestClock;

  constructor(clock: TestClock, bootId = 'boot-1') {
    this.#clock = clock;
    this.bootId = bootId;
  }

  uptimeMs(): number {
    return this.#clock.monotonicMs();
  }

  networkStamp(): number | undefined {
    return this.stamp;
  }
}
