/** What the owner has set for the whole box. */
import { signal, type ReadonlySignal } from '@preact/signals';
import type { Reach, Settings, SettingsPatch } from '../../server/contract/settings.ts';
import type { Trouble } from '../api/call.ts';
import { ownerCall } from './owner-call.ts';

const current = signal<Settings | undefined>(undefined);

/** As the box last told; undefined until it has. */
export const settings: ReadonlySignal<Settings | undefined> = current;

/** Asks now; answers what went wrong, if something did. */
export async function refreshSettings(): Promise<Trouble | undefined> {
  const outcome = await ownerCall<Settings>('GET', '/api/settings');
  if (!outcome.ok) return outcome.trouble;
  current.value = outcome.value;
  return undefined;
}

/** Says who may open Doorkeep. */
export function setReach(reach: Reach): Promise<Trouble | undefined> {
  return change({ reach });
}

/** Says which networks may come in beside the home. */
export function setNetworks(networks: readonly string[]): Promise<Trouble | undefined> {
  return change({ networks: [...networks] });
}

/** Says which of the addresses that were learned stay; what is added is the owner's. */
export function setLearnedAddresses(addresses: readonly string[]): Promise<Trouble | undefined> {
  return change({ learnedAddresses: [...addresses] });
}

async function change(body: SettingsPatch): Promise<Trouble | undefined> {
  const outcome = await ownerCall<Settings>('PATCH', '/api/settings', { body });
  if (!outcome.ok) return outcome.trouble;
  current.value = outcome.value;
  return undefined;
}
