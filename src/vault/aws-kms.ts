import type { KMSClient } from '@aws-sdk/client-kms';
import { LRUCache } from 'lru-cache';
import { createFernet } from '../kernel/fernet.ts';
import { type KmsKeys, regionOf } from './kms-key.ts';
import type { DataKeys } from './vault.ts';

/** The key service did not do what was asked of it. Nothing was encrypted or decrypted. */
export class KeyServiceFault extends Error {
  override readonly name = 'KeyServiceFault';
  /** Whether it is the setting, the credentials or the key that has to change, and trying again helps nothing. */
  readonly isSettled: boolean;

  constructor(message: string, isSettled: boolean, cause: unknown) {
    super(message, { cause });
    this.isSettled = isSettled;
  }
}

/** How `aws:` envelopes begin; behind it the data key as KMS encrypted it, and a Fernet token under the data key. */
const MARK = 'aws:1:';
/** One request, with what the client repeats after throttling and faults of the service, takes no longer. */
const ASK_MS = 8_000;
const ATTEMPTS = 3;
/** For how many values one data key is used, and how long. */
const SEALS_MAX = 100;
const SEALING_MS = 5 * 60_000;
/** Opened data keys that are remembered, and how long. */
const OPENED_MAX = 500;
const OPENED_MS = 60_000;

type DataKey = { readonly plaintext: Uint8Array; readonly blob: string };
type Sealing = { readonly key: Promise<DataKey>; readonly until: number; seals: number };
type Kms = typeof import('@aws-sdk/client-kms');

/** Data keys of AWS KMS, each for one workspace, which is its encryption context. */
export type AwsDataKeys = DataKeys & {
  /** Asks for a data key that nobody uses. Throws `KeyServiceFault`. */
  probe(): Promise<void>;
};

/**
 * Seals under data keys of AWS KMS. Region, credentials and endpoint are found as the AWS SDK finds them, in the
 * environment; a region in the key's ARN wins. The SDK is loaded when the first key is asked for.
 */
export function awsDataKeys({ encrypts, ids }: KmsKeys): AwsDataKeys {
  const region = ids.map(regionOf).find((one) => one !== undefined);
  const sealing = new LRUCache<string, Sealing>({ max: OPENED_MAX });
  const opened = new LRUCache<string, Promise<Uint8Array | null>>({ max: OPENED_MAX, ttl: OPENED_MS });
  let loaded: Promise<{ readonly kms: Kms; readonly client: KMSClient }> | undefined;

  const load = () => {
    loaded ??= import('@aws-sdk/client-kms').then((kms) => ({
      kms,
      client: new kms.KMSClient({ maxAttempts: ATTEMPTS, ...(region !== undefined && { region }) }),
    }));
    return loaded;
  };

  async function ask<T>(work: (kms: Kms, client: KMSClient, options: { abortSignal: AbortSignal }) => Promise<T>) {
    const { kms, client } = await load();
    try {
      return await work(kms, client, { abortSignal: AbortSignal.timeout(ASK_MS) });
    } catch (fault) {
      throw faultOf(fault);
    }
  }

  function generate(tenantId: string): Promise<DataKey> {
    return ask(async (kms, client, options) => {
      const EncryptionContext = contextOf(tenantId);
      const command = new kms.GenerateDataKeyCommand({ KeyId: ids[0], KeySpec: 'AES_256', EncryptionContext });
      const { Plaintext, CiphertextBlob } = await client.send(command, options);
      if (Plaintext?.length !== 32 || CiphertextBlob === undefined) throw new Error('no data key in the answer');
      return { plaintext: Plaintext, blob: Buffer.from(CiphertextBlob).toString('base64url') };
    });
  }

  /** The data key, or null where none of our keys has encrypted it for this workspace. */
  function decrypt(blob: string, tenantId: string): Promise<Uint8Array | null> {
    return ask(async (kms, client, options) => {
      for (const KeyId of ids) {
        // Only our own keys: somebody else's could be made to open to whatever they like.
        const command = new kms.DecryptCommand({
          KeyId,
          CiphertextBlob: Buffer.from(blob, 'base64url'),
          EncryptionContext: contextOf(tenantId),
        });
        try {
          const { Plaintext } = await client.send(command, options);
          if (Plaintext?.length === 32) return Plaintext;
        } catch (fault) {
          if (!NOT_OURS.has(nameOf(fault))) throw fault;
        }
      }
      return null;
    });
  }

  return {
    owns: (sealed) => sealed.startsWith(MARK),
    isPresent: encrypts,

    async seal(plaintext, tenantId) {
      let present = sealing.get(tenantId);
      if (present === undefined || present.seals >= SEALS_MAX || present.until < performance.now()) {
        present = { key: generate(tenantId), until: performance.now() + SEALING_MS, seals: 0 };
        sealing.set(tenantId, present);
      }
      present.seals += 1;
      try {
        const key = await present.key;
        return `${MARK}${key.blob}:${createFernet([key.plaintext]).encrypt(plaintext)}`;
      } catch (fault) {
        if (sealing.get(tenantId) === present) sealing.delete(tenantId);
        throw fault;
      }
    },

    async open(sealed, tenantId) {
      const [blob = '', token = ''] = sealed.slice(MARK.length).split(':');
      const known = `${tenantId} ${blob}`;
      let key = opened.get(known);
      if (key === undefined) {
        key = decrypt(blob, tenantId);
        opened.set(known, key);
        key.catch(() => opened.delete(known));
      }
      const dataKey = await key;
      return dataKey && (createFernet([dataKey]).decrypt(token)?.plaintext ?? null);
    },

    probe: async () => void (await generate('00000000-0000-0000-0000-000000000000')),
  };
}

/** What the key service holds a data key against: it opens for this workspace, and its own log says for which. */
function contextOf(tenantId: string): Record<string, string> {
  return { 'countersign:tenant': tenantId };
}

const NOT_OURS: ReadonlySet<string> = new Set(['InvalidCiphertextException', 'IncorrectKeyException']);

/** What an operator has to change, by the name that the SDK or the service gives the fault. */
const SETTLED: Readonly<Record<string, string>> = {
  NotFoundException: 'AWS KMS has no such key in this region',
  InvalidArnException: 'AWS KMS does not take its ARN',
  DisabledException: 'the key is disabled',
  KMSInvalidStateException: 'the key cannot be used in its present state',
  InvalidKeyUsageException: 'the key is not for encrypting; it has to be a symmetric one',
  ValidationException: 'AWS KMS does not take it as a key for encrypting',
  AccessDeniedException: 'these AWS credentials may not use the key; allow kms:GenerateDataKey and kms:Decrypt',
  UnrecognizedClientException: 'AWS does not know these credentials',
  InvalidSignatureException: 'AWS does not accept these credentials',
  ExpiredTokenException: 'these AWS credentials have expired',
  CredentialsProviderError: 'no AWS credentials were found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role',
};

function faultOf(fault: unknown): KeyServiceFault {
  const name = nameOf(fault);
  const message = fault instanceof Error ? fault.message : '';
  if (/region is missing/i.test(message)) {
    return new KeyServiceFault("no region is known; set AWS_REGION, or write the key's whole ARN", true, fault);
  }
  const settled = SETTLED[name];
  if (settled !== undefined) return new KeyServiceFault(settled, true, fault);
  return new KeyServiceFault(`AWS KMS did not answer as it should (${name})`, false, fault);
}

function nameOf(fault: unknown): string {
  return fault instanceof Error ? fault.name : typeof fault;
}
