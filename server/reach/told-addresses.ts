/** DOORKEEP_ADDRESSES: under which names and addresses phones find the machine, said by who starts it. Pure. */
import { AppError } from '../base/errors.ts';
import { isHomeName, privateLiteral, type BoxNames } from '../certificates/box-names.ts';
import { classifyAddress } from '../egress/policy.ts';

/** `hostname -I` of a machine with a dozen container bridges is shorter. */
const TOLD_MAX = 32;

/**
 * Reads names and addresses with spaces or commas between them, as `hostname -I` prints them. Literals that
 * no certificate of ours may name (of the Internet, link-local, this machine's own) are left out, because
 * that list has them, too. Throws an `invalid` AppError for what is neither an address nor a name of the home.
 */
export function toldAddresses(text: string): BoxNames {
  const told = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((one) => one !== '' && one !== 'localhost');
  if (told.length > TOLD_MAX) {
    throw new AppError('invalid', `DOORKEEP_ADDRESSES has more than ${String(TOLD_MAX)} entries.`, {
      reason: 'settings',
      hint: 'Name those that phones use: one or two.',
    });
  }
  const isLiteral = (one: string): boolean => classifyAddress(one) !== undefined;
  const names = told.filter((one) => !isLiteral(one));
  const wrong = names.find((name) => !isHomeName(name));
  if (wrong !== undefined) {
    throw new AppError('invalid', `DOORKEEP_ADDRESSES has ${wrong}, which is of no home.`, {
      reason: 'settings',
      hint: 'Use addresses like 192.168.1.20, and names like porchbox or porchbox.local.',
    });
  }
  const addresses = told.filter(isLiteral).flatMap((one) => privateLiteral(one) ?? []);
  return { names: [...new Set(names)], addresses: [...new Set(addresses)] };
}
