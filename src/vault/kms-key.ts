/** The keys of AWS KMS that may open secrets, and whether the first of them encrypts new ones. */
export type KmsKeys = { readonly encrypts: boolean; readonly ids: readonly string[] };

/** What stands first where new secrets are encrypted under COUNTERSIGN_SECRETS_KEY again. */
const NONE = 'none';
const MAX_KEYS = 8;
const ID = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}|alias\/[A-Za-z0-9/_-]{1,250})$/;
const ARN = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(?:key\/(.+)|(alias\/.+))$/;

/**
 * Reads `COUNTERSIGN_KMS_KEY_ID`: one key, or several separated by commas. Says in half a sentence what is wrong with it.
 */
export function readKmsKeys(text: string): KmsKeys | string {
  const written = text.split(',').map((one) => one.trim());
  const encrypts = written[0] !== NONE;
  const ids = encrypts ? written : written.slice(1);
  if (ids.length === 0) return 'names no key behind none; unset it once no secret is under a key of AWS KMS any more';
  if (ids.length > MAX_KEYS) return `names more than ${MAX_KEYS} keys`;
  const wrong = ids.findIndex((id) => !isKey(id));
  if (wrong !== -1) {
    const which = ids.length === 1 ? '' : `, and key ${wrong + 1} of it is not`;
    return `must be a key of AWS KMS by its id, ARN or alias, such as alias/countersign${which}`;
  }
  if (new Set(ids).size < ids.length) return 'names one key twice; name each once, the present one first';
  if (new Set(ids.map(regionOf).filter((region) => region !== undefined)).size > 1) {
    return 'names keys of several regions; all have to be in one';
  }
  return { encrypts, ids };
}

/** The region that a key's ARN names. */
export function regionOf(id: string): string | undefined {
  return ARN.exec(id)?.[1];
}

function isKey(id: string): boolean {
  const arn = ARN.exec(id);
  return ID.test(arn === null ? id : (arn[2] ?? arn[3]!));
}
