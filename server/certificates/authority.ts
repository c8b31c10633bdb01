/**
 * The box's own authority: kept in DATA/keys/tls/authority.pem, made once, never replaced by itself.
 * Phones trust it by hand, so another one in its place would be a burglar's or a lost afternoon.
 */
import { X509Certificate } from 'node:crypto';
import { AppError } from '../base/errors.ts';
import type { EpochMs } from '../base/time.ts';
import type { BoxKey } from '../keys/box-key.ts';
import { shortName, type BoxNames } from './box-names.ts';
import { readKeyFile, writeKeyFile } from './key-file.ts';
import { permitsName } from './name-constraints.ts';

/** What signs for this box, and what phones are asked to trust. */
export class Authority {
  /** What phones trust; its key is gone. */
  readonly root: X509Certificate;
  /** What signs; constrained to this box's names and private addresses. */
  readonly intermediate: X509Certificate;
  /** PKCS #8, DER. It stays in memory, because addresses change at any time. */
  readonly intermediateKey: Buffer;

  private constructor(root: X509Certificate, intermediate: X509Certificate, key: Buffer) {
    this.root = root;
    this.intermediate = intermediate;
    this.intermediateKey = key;
  }

  /** Reads the authority; undefined when there never was one. A damaged file is a `conflict`. */
  static async load(path: string, boxKey: BoxKey): Promise<Authority | undefined> {
    try {
      const file = await readKeyFile(path, boxKey);
      if (file === undefined) return undefined;
      const [root, intermediate] = file.certificates;
      if (root === undefined || intermediate === undefined || !isChain(root, intermediate)) {
        throw new AppError('corrupt', 'authority.pem does not hold the two certificates it should');
      }
      return new Authority(root, intermediate, file.key);
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.kind !== 'corrupt') throw thrown;
      throw new AppError(
        'conflict',
        'the box’s authority file (keys/tls/authority.pem) is damaged',
        {
          cause: thrown,
          reason: 'unsafe-file',
          hint:
            'Put keys/ back from a copy of the data folder. Without one, delete the folder keys/tls: ' +
            'Doorkeep then makes a new authority, and each phone has to be told to trust it again.',
        },
      );
    }
  }

  /**
   * Makes and stores one. Durable order (docs/design/https.md): A1 root key in memory only,
   * A2 intermediate signed, A3 root key dropped, A4 intermediate key sealed, A5 one atomic file. A
   * crash before A5 leaves nothing, and nothing was shown to anybody by then.
   */
  static async create(
    path: string,
    boxKey: BoxKey,
    options: { names: BoxNames; nowMs: EpochMs },
  ): Promise<Authority> {
    const { issueAuthority } = await import('./issue.ts');
    const { rootPem, intermediatePem, intermediateKey } = await issueAuthority({
      hostName: shortName(options.names),
      names: options.names.names,
      year: new Date(options.nowMs).getUTCFullYear(),
    });
    const certificates = [rootPem, intermediatePem];
    await writeKeyFile(path, { certificates, key: intermediateKey }, boxKey);
    return new Authority(
      new X509Certificate(rootPem),
      new X509Certificate(intermediatePem),
      intermediateKey,
    );
  }

  /** Whether a name lies inside what the authority may vouch for. */
  permits(name: string): boolean {
    return permitsName(this.intermediate, name);
  }
}

function isChain(root: X509Certificate, intermediate: X509Certificate): boolean {
  return (
    root.ca && root.verify(root.publicKey) && intermediate.ca && intermediate.verify(root.publicKey)
  );
}
