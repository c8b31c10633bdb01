/** What the machine says of its time beside its wall clock. */
import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { uptime } from 'node:os';

/** Tests hand in their own. */
export interface MachineTime {
  /** Names this boot of the machine. */
  readonly bootId: string;
  /** Since that boot, sleep included; nobody can set it. */
  uptimeMs(): number;
  /** Changes each time the network set the clock; undefined while it has not in this boot. */
  networkStamp(): number | undefined;
}

/** proc_sys_kernel(5). */
const BOOT_ID_PATH = '/proc/sys/kernel/random/boot_id';

/** Touched at each synchronisation: systemd-timesyncd.service(8), "Files". */
const SYNCHRONIZED_PATH = '/run/systemd/timesync/synchronized';

/** The machine that this process runs on. */
export function machineTime(): MachineTime {
  return {
    bootId: bootId(),
    uptimeMs,
    networkStamp: () => statSync(SYNCHRONIZED_PATH, { throwIfNoEntry: false })?.mtimeMs,
  };
}

/** CLOCK_BOOTTIME, unless a container shows the time since its own start instead (lxcfs does): then
 * CLOCK_MONOTONIC, which it cannot change and which lacks nothing on a machine that never slept. */
function uptimeMs(): number {
  return Math.max(uptime() * 1000, Number(process.hrtime.bigint()) / 1e6);
}

/** Where the kernel does not say, each process is a boot of its own: less is known, nothing wrong. */
function bootId(): string {
  try {
    return readFileSync(BOOT_ID_PATH, 'utf8').trim();
  } catch {
    return randomUUID();
  }
}
