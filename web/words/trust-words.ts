/** How a phone or a computer gets to know the box, step by step. Pure. */

/** The systems whose ways differ, with the names that people use. */
export const SYSTEMS = {
  iphone: 'iPhone or iPad',
  android: 'Android',
  mac: 'Mac',
  windows: 'Windows',
  linux: 'Linux',
} as const;

/** See `SYSTEMS`. */
export type System = keyof typeof SYSTEMS;

/** A first guess from a user agent, which a person can change. iPads call themselves Macs, but have
 * more than one touch point. */
export function systemOf(userAgent: string, touchPoints: number): System {
  if (/iPhone|iPad|iPod/.test(userAgent)) return 'iphone';
  if (userAgent.includes('Android')) return 'android';
  if (userAgent.includes('Macintosh')) return touchPoints > 1 ? 'iphone' : 'mac';
  return userAgent.includes('Windows') ? 'windows' : 'linux';
}

/** Whether it lies in a hand. */
export function isPhone(system: System): boolean {
  return system === 'iphone' || system === 'android';
}

const AGAIN = 'Open the page again.';

/** What to do after the file is there. The words in quotes are the systems' own. */
export const TRUST_STEPS: Readonly<Record<System, readonly string[]>> = {
  iphone: [
    'Open the Settings app. Tap “Profile Downloaded” near the top, then “More Details”, and compare the number.',
    'Tap “Install”, and type the code that unlocks the phone.',
    'In Settings go to “General”, “About”, “Certificate Trust Settings”, and switch Doorkeep on.',
    AGAIN,
  ],
  android: [
    'In Settings search for “CA certificate”, tap it, tap “Install anyway”, and choose the file.',
    'In Settings search for “Trusted credentials”, tap “User”, tap Doorkeep, and compare the number.',
    `${AGAIN} Use Chrome: Firefox keeps a list of its own.`,
  ],
  mac: [
    'Open the file: Keychain Access asks where to keep it. Choose “System”.',
    'Double-click Doorkeep in the list and compare the number.',
    'Under “Trust” choose “Always Trust”, and close the window.',
    AGAIN,
  ],
  windows: [
    'In a terminal type: certutil -v doorkeep-ca.crt (with its folder), and compare “Cert Hash(sha256)”.',
    'Open the file, click “Install Certificate”, “Current User”, “Place all certificates in the following store”.',
    'Choose “Trusted Root Certification Authorities”.',
    AGAIN,
  ],
  linux: [
    'In Chrome open chrome://certificate-manager, go to “Custom”, and import the file as trusted.',
    'In Firefox go to Settings, “Privacy & Security”, “View Certificates”, “Authorities”, “Import”.',
    'Compare the number there.',
    AGAIN,
  ],
};

/** A fingerprint in rows that are easy to compare: eight groups of two digits each. Pure. */
export function fingerprintRows(fingerprint: string): readonly string[] {
  const pairs = fingerprint.match(/[0-9A-F]{2}/gi) ?? [];
  const rows: string[] = [];
  for (let at = 0; at < pairs.length; at += ROW_PAIRS) {
    rows.push(
      pairs
        .slice(at, at + ROW_PAIRS)
        .join(' ')
        .toUpperCase(),
    );
  }
  return rows;
}

/** 32 pairs make four rows, which fit on a phone. */
const ROW_PAIRS = 8;
