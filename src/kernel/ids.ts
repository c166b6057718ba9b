import { formatUuid, parseUuid, writeUuidV7 } from './uuid.ts';

/**
 * What each id prefix names. Ids are TypeIDs (specification 0.3): the prefix, an underscore and a UUID in
 * 26 characters of lower-case Crockford base32.
 */
export const ID_PREFIXES = {
  org: 'workspace',
  usr: 'user',
  inv: 'invitation',
  icl: 'integration client',
  tok: 'client token',
  agt: 'agent',
  ver: 'agent version',
  tool: 'tool',
  con: 'connector',
  grt: 'grant',
  rul: 'rule of a grant',
  apv: 'approval',
  apd: 'approval decision',
  exe: 'execution',
  drf: 'draft',
  run: 'run',
  wfl: 'workflow',
  evt: 'event',
  whk: 'webhook endpoint',
  dlv: 'webhook delivery',
  ntc: 'notice',
  psh: 'push subscription',
  req: 'request',
  kil: 'kill switch',
  cap: 'capability',
  sec: 'secret',
} as const;

export type IdPrefix = keyof typeof ID_PREFIXES;

/** An id of one kind as it appears on the wire, such as `apv_01h455vb4pex5vsknk084sn02q`. */
export type Id<P extends IdPrefix = IdPrefix> = `${P}_${string}`;

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const SUFFIX_LENGTH = 26;
const DIGITS = Uint8Array.from(ALPHABET, (digit) => digit.charCodeAt(0));
const NO_DIGIT = 0xff;
const VALUES = new Uint8Array(128).fill(NO_DIGIT);
for (let value = 0; value < DIGITS.length; value++) VALUES[DIGITS[value] as number] = value;

const scratch = new Uint8Array(16);
const digits = Buffer.alloc(SUFFIX_LENGTH);

/**
 * Makes an id from a new UUIDv7 (RFC 9562). Ids made by one process sort in the order they were made, also
 * within a millisecond and when the clock steps back.
 */
export function newId<P extends IdPrefix>(prefix: P): Id<P> {
  writeUuidV7(scratch);
  return `${prefix}_${encode(scratch)}`;
}

/** The form of an id with this prefix, as a pattern of JSON Schema. */
export function idPattern(prefix: string): string {
  return `^${prefix}_[0-7][${ALPHABET}]{${SUFFIX_LENGTH - 1}}$`;
}

/** Whether `text` is a well-formed id with this prefix. Any UUID version is accepted, as TypeID asks. */
export function isId<P extends IdPrefix>(prefix: P, text: unknown): text is Id<P> {
  if (typeof text !== 'string') return false;
  const start = prefix.length + 1;
  if (text.length !== start + SUFFIX_LENGTH || text[start - 1] !== '_' || !text.startsWith(prefix)) return false;
  // 26 digits hold 130 bits: a first digit above 7 would not fit into a UUID.
  if (valueAt(text, start) > 7) return false;
  for (let at = start + 1; at < text.length; at++) if (valueAt(text, at) === NO_DIGIT) return false;
  return true;
}

/**
 * The id that stands for a UUID (any version, upper or lower case).
 * @throws TypeError when `uuid` is not one.
 */
export function uuidToId<P extends IdPrefix>(prefix: P, uuid: string): Id<P> {
  if (!parseUuid(uuid, scratch)) throw new TypeError('not a UUID');
  return `${prefix}_${encode(scratch)}`;
}

/** The least id that can have been made at a time or later, for ranges of ids; ids are ordered by time, to the millisecond. */
export function earliestId<P extends IdPrefix>(prefix: P, at: Date): Id<P> {
  const ms = at.getTime().toString(16).padStart(12, '0');
  return uuidToId(prefix, `${ms.slice(0, 8)}-${ms.slice(8)}-7000-8000-000000000000`);
}

/**
 * The UUID inside an id, in lower case with hyphens.
 * @throws TypeError when `id` is not well formed or its prefix is unknown; check wire input with {@link isId}.
 */
export function idToUuid(id: string): string {
  const prefix = id.slice(0, -SUFFIX_LENGTH - 1);
  if (!Object.hasOwn(ID_PREFIXES, prefix) || !isId(prefix as IdPrefix, id)) throw new TypeError('not an id');
  decode(id, prefix.length + 1, scratch);
  return formatUuid(scratch);
}

const valueAt = (text: string, at: number): number => VALUES[text.charCodeAt(at)] ?? NO_DIGIT;

/** Base32 of 16 bytes, most significant first: 130 bits, of which the first two are zero. */
function encode(bytes: Uint8Array): string {
  let bits = 0;
  let held = 2;
  let next = 0;
  for (let at = 0; at < SUFFIX_LENGTH; at++) {
    if (held < 5) {
      bits = ((bits << 8) | (bytes[next++] as number)) & 0xffff;
      held += 8;
    }
    held -= 5;
    digits[at] = DIGITS[(bits >>> held) & 31] as number;
  }
  return digits.toString('latin1');
}

function decode(text: string, start: number, bytes: Uint8Array): void {
  // The first digit brings three bits that count: its upper two are the padding.
  let bits = valueAt(text, start);
  let held = 3;
  let next = 0;
  for (let at = start + 1; at < text.length; at++) {
    bits = ((bits << 5) | valueAt(text, at)) & 0xffff;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    bytes[next++] = bits >>> held;
  }
}
