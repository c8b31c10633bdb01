/** The unit for systemd: Doorkeep as a service that can do nothing but its work. Pure. */
import { formatRange, type NetworkRange } from '../egress/network-ranges.ts';

/** What differs from box to box. Paths are absolute. */
export interface UnitParts {
  /** Node's binary. */
  readonly nodePath: string;
  /** The folder of package.json. */
  readonly programPath: string;
  readonly dataPath: string;
  readonly user: string;
  readonly port: number;
  /** `DOORKEEP_HOST` and its kin; the data folder and the port are said anyway. */
  readonly environment: Readonly<Record<string, string>>;
  readonly networks: readonly NetworkRange[];
}

/** Where the data folder is when nobody says another: systemd makes it and gives it to the user. */
export const SERVICE_DATA_PATH = '/var/lib/doorkeep';

/** Folders that `ProtectHome=yes` hides. */
const HOMES = ['home', 'root', 'run/user'].map((folder) => `/${folder}/`);

/** What a recorder never needs. */
const CONFINEMENT = [
  'NoNewPrivileges=yes',
  'CapabilityBoundingSet=',
  'AmbientCapabilities=',
  'SystemCallArchitectures=native',
  'SystemCallFilter=@system-service',
  'SystemCallFilter=~@privileged @resources',
  'SystemCallErrorNumber=EPERM',
  'ProtectSystem=strict',
  'PrivateTmp=yes',
  'PrivateDevices=yes',
  'PrivateUsers=yes',
  'PrivateIPC=yes',
  'PrivateMounts=yes',
  'ProtectKernelTunables=yes',
  'ProtectKernelModules=yes',
  'ProtectKernelLogs=yes',
  'ProtectControlGroups=yes',
  'ProtectClock=yes',
  'ProtectHostname=yes',
  'ProtectProc=invisible',
  'RestrictNamespaces=yes',
  'RestrictRealtime=yes',
  'RestrictSUIDSGID=yes',
  'LockPersonality=yes',
  'RemoveIPC=yes',
  'KeyringMode=private',
  'DevicePolicy=closed',
];

/** The whole file. Why each line is there: docs/design/confinement.md. */
export function systemdUnit(parts: UnitParts): string {
  const { nodePath, programPath, dataPath, user, port, networks } = parts;
  const isInHome = [nodePath, programPath].some((path) =>
    HOMES.some((home) => path.startsWith(home)),
  );
  const environment = {
    NODE_ENV: 'production',
    DOORKEEP_DATA: dataPath,
    DOORKEEP_PORT: String(port),
    DOORKEEP_CONFINED_BY: 'systemd',
    ...parts.environment,
  };
  return `${lines([
    '# Written by: npm run -s doorkeep -- service install. Changes are overwritten by the next call.',
    '[Unit]',
    'Description=Doorkeep, the recorder for doorbell cameras',
    'Wants=network-online.target',
    'After=network-online.target',
    '',
    '[Service]',
    'Type=exec',
    `User=${user}`,
    `WorkingDirectory=${escaped(programPath)}`,
    ...Object.entries(environment).map(
      ([name, value]) => `Environment=${quoted(`${name}=${value}`)}`,
    ),
    `ExecStart=${quoted(nodePath)} dist/server/main.js`,
    'Restart=always',
    'RestartSec=5',
    '# An orderly stop makes the last fragments durable; the server itself gives up after 10 s.',
    'TimeoutStopSec=30',
    ...dataFolder(dataPath),
    'UMask=0077',
    '',
    '# The networks that may come in and be spoken to; nothing else, in either direction.',
    'IPAddressDeny=any',
    'IPAddressAllow=localhost',
    ...networks.map((range) => `IPAddressAllow=${formatRange(range)}`),
    '# AF_NETLINK: the names and addresses of the machine, for the certificate.',
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK',
    'SocketBindDeny=any',
    `SocketBindAllow=tcp:${String(port)}`,
    '# The relay between a camera and its ffmpeg listens on a free port of the loopback interface.',
    'SocketBindAllow=tcp:1024-65535',
    '',
    '# Keys and frames stay in memory.',
    'LimitCORE=0',
    'MemorySwapMax=0',
    '',
    ...CONFINEMENT,
    // A program that lies in somebody's home must be read there; it still cannot be written.
    `ProtectHome=${isInHome ? 'read-only' : 'yes'}`,
    '',
    '[Install]',
    'WantedBy=multi-user.target',
  ])}\n`;
}

/** systemd makes a folder below /var/lib itself; another one is the owner's, and stays writable. */
function dataFolder(dataPath: string): string[] {
  if (dataPath === SERVICE_DATA_PATH) {
    return ['StateDirectory=doorkeep', 'StateDirectoryMode=0700'];
  }
  return [`ReadWritePaths=${quoted(dataPath)}`];
}

function lines(all: readonly string[]): string {
  return all.join('\n');
}

/** `%` begins a specifier (systemd.unit(5)); a line break would begin a line of its own. */
function escaped(text: string): string {
  return text.replaceAll('%', '%%').replaceAll(/[\r\n]/g, '');
}

/** systemd.syntax(7), "Quoting"; `$` would be a variable in ExecStart. */
function quoted(text: string): string {
  return `"${escaped(text).replaceAll(/[\\"]/g, '\\$&').replaceAll('$', '$$$$')}"`;
}
