/**
 * What the kernel refuses, with the guard out of the way: nftables' rules alone, in the box's own namespace, stop
 * each connection out of the home; and the box notices when they are gone.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { networksThatMayComeIn } from '../../server/confine/home-networks.ts';
import { nftRuleset } from '../../server/confine/nft-ruleset.ts';
import { onPath } from '../fixtures/browser.ts';
import type { ConfinedReport } from '../fixtures/captured-home/box-program.ts';
import { CapturedHome, type SeenPackets } from '../fixtures/captured-home/captured-home.ts';
import { LEAK_PLACES } from '../fixtures/captured-home/planted.ts';
import { canMakeNetworks } from '../fixtures/network-namespace.ts';
import { ffprobeAvailable } from '../fixtures/test-ffmpeg.ts';

const RULES = nftRuleset(networksThatMayComeIn());

const RUN_MS = 120_000;

/** Where the box tries the kernel with (egress/probe-addresses.ts). */
const PROBED = ['192.0.2.1', '2001:db8::1'];

/** Those that are places. The others are names, and the resolver is in the home: the kernel cannot know what
 * it asks further. That is the guard's. */
const PLACES = Object.entries(LEAK_PLACES).filter(([, to]) => !to.endsWith('.example'));

function sentTo(packets: readonly SeenPackets[], addresses: readonly string[]): SeenPackets[] {
  return packets.filter(({ to }) => addresses.includes(to));
}

const canRun = canMakeNetworks && ffprobeAvailable && onPath('python3') !== undefined;
const hasNft = onPath('nft') !== undefined;
if (!canRun || !hasNft) {
  process.stderr.write('tests: no namespaces or no nft; what the kernel refuses is SKIPPED\n');
}

describe.skipIf(!canRun || !hasNft)('the kernel’s rules', () => {
  let home: CapturedHome;
  beforeAll(async () => {
    home = await CapturedHome.create();
  });
  afterEach(() => home.unconfine());
  afterAll(() => home.remove());

  it(
    'alone stop what no guard stopped',
    async () => {
      await home.confine(RULES);
      const { packets } = await home.watch('leaking server');
      const addresses = PLACES.map(([, to]) => to);
      expect(addresses.length).toBeGreaterThan(2);
      expect(sentTo(packets, addresses)).toEqual([]);
      // It was tried: without rules the same leaks are seen (no-egress-alone.test.ts).
      expect(packets.some(({ name }) => name === LEAK_PLACES['getaddrinfo in a child'])).toBe(true);
    },
    RUN_MS,
  );

  it(
    'are seen to hold, by page and command',
    async () => {
      await home.confine(RULES);
      const { report, packets } = await home.watch<ConfinedReport>('confined');
      const { layers, kernelTry } = report.privacy;
      expect(layers).toContainEqual(expect.objectContaining({ name: 'nftables', state: 'active' }));
      expect(kernelTry).toMatchObject({ v4: 'refused', v6: 'refused' });
      expect(report.command.status).toBe(0);
      expect(report.command.said).toContain('stopped inside the program');
      expect(report.command.said).toMatch(/told by nftables.*no packet left/);
      expect(sentTo(packets, PROBED)).toEqual([]);
    },
    RUN_MS,
  );

  it(
    'are missed when they are gone, by page and command',
    async () => {
      const { report, packets } = await home.watch<ConfinedReport>('confined');
      const { layers, kernelTry } = report.privacy;
      expect(layers).toContainEqual(expect.objectContaining({ name: 'nftables', state: 'broken' }));
      expect(kernelTry).toMatchObject({ v4: 'left', v6: 'left' });
      expect(report.command.status).toBe(1);
      expect(report.command.said).toMatch(/told by nftables.*A PACKET LEFT/);
      // Which is what the try costs: one packet each, that no router passes on.
      expect(sentTo(packets, PROBED).map(({ to }) => to)).toEqual(expect.arrayContaining(PROBED));
    },
    RUN_MS,
  );
});
