/** Messages of PostgreSQL's wire protocol, as far as the embedded engine must tell them apart. */

const SYNC = 0x53;
const QUERY = 0x51;
const TERMINATE = 0x58;

/** Where the complete messages in `bytes` end, or 0. Only the very first message of a conversation has no type byte. */
export function completeUntil(bytes: Buffer, typed: boolean): number {
  let end = 0;
  const header = typed ? 1 : 0;
  while (bytes.length - end >= header + 4) {
    const next = end + header + bytes.readInt32BE(end + header);
    if (next > bytes.length) break;
    end = next;
    if (!typed) break;
  }
  return end;
}

/**
 * Whether the messages up to `end` may be run. Parse, Bind, Describe and Execute arrive one by one; they are run together
 * once a Sync closes the group.
 */
export function isClosed(bytes: Buffer, end: number): boolean {
  return bytes[0] === QUERY || (end >= 5 && bytes[end - 5] === SYNC && bytes.readInt32BE(end - 4) === 4);
}

/** Whether the conversation is being ended. */
export function isTermination(bytes: Buffer): boolean {
  return bytes[0] === TERMINATE;
}
