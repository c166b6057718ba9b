import { hash } from 'node:crypto';
import { uuidToId } from '../kernel/ids.ts';
import type { Store } from '../store/store.ts';
import { readOnward, type StoredLink } from './read.ts';

/** The result of reading a workspace's whole chain and computing every hash again. */
export type Verification = {
  readonly ok: boolean;
  /** Links that were checked and hold. */
  readonly checked: number;
  readonly head: { readonly seq: number; readonly hash: string };
  /** The first link that does not hold. */
  readonly fault?: { readonly seq: number; readonly reason: string };
};

/** So many that the thread and the embedded engine's one connection are free again within milliseconds. */
const PAGE = 500;

/** `prev_hash` of a workspace's first link: SHA-256 of `countersign audit v1 ` and the tenant id as a UUID. */
export function genesis(tenantId: string): Buffer {
  return hash('sha256', `countersign audit v1 ${tenantId}`, 'buffer');
}

/** SHA-256(prev_hash ‖ seq as 8 bytes, big endian ‖ entry in UTF-8). */
export function linkHash(prevHash: Buffer, seq: number, entry: string): Buffer {
  const seqBytes = Buffer.alloc(8);
  seqBytes.writeBigInt64BE(BigInt(seq));
  return hash('sha256', Buffer.concat([prevHash, seqBytes, Buffer.from(entry)]), 'buffer');
}

/**
 * Verifies a workspace's chain from its first link on. Finds an edited, removed, inserted or reordered link, and
 * one of another workspace, and names the first. That links are missing from the end cannot be seen from the
 * chain alone: compare `head` with one you kept.
 */
export async function verifyChain(store: Store, tenantId: string): Promise<Verification> {
  let head: ChainEnd = { seq: 0, hash: genesis(tenantId) };
  for (;;) {
    const page = await store.withTenant(tenantId, (tx) => readOnward(tx, PAGE, head.seq));
    for (const row of page) {
      const reason = faultOf(row, head, tenantId);
      if (reason !== undefined) return { ...report(false, head), fault: { seq: Number(row.seq), reason } };
      head = { seq: head.seq + 1, hash: row.hash };
    }
    if (page.length < PAGE) return report(true, head);
  }
}

function report(ok: boolean, head: ChainEnd): Verification {
  return { ok, checked: head.seq, head: { seq: head.seq, hash: head.hash.toString('hex') } };
}

/** Where a chain stands: after its last link, or at its genesis. */
export type ChainEnd = { readonly seq: number; readonly hash: Buffer };

/** What is wrong with a link that should follow `before`. */
export function faultOf(row: StoredLink, before: ChainEnd, tenantId: string): string | undefined {
  const seq = before.seq + 1;
  if (Number(row.seq) !== seq) return `link ${seq} is missing`;
  if (!row.prev_hash.equals(before.hash)) return 'prev_hash is not the hash of the link before';
  if (!row.hash.equals(linkHash(before.hash, seq, row.entry))) return 'the entry or its hash was changed';
  return columnFault(row, uuidToId('org', tenantId));
}

type Entry = {
  tenant_id?: string;
  at?: string;
  event_type?: string;
  outcome?: string;
  actor?: { kind?: string; id?: string };
  resource?: { kind?: string; id?: string };
};

/** The columns that filters use are outside the hash, so they must say what the entry says. */
function columnFault(row: StoredLink, workspaceId: string): string | undefined {
  const entry = JSON.parse(row.entry) as Entry;
  const pairs: [string, unknown, unknown][] = [
    ['tenant_id', entry.tenant_id, workspaceId],
    ['at', entry.at, row.at.toISOString()],
    ['event_type', entry.event_type, row.event_type],
    ['outcome', entry.outcome, row.outcome],
    ['actor_kind', entry.actor?.kind, row.actor_kind],
    ['actor_id', entry.actor?.id, row.actor_id],
    ['resource_kind', entry.resource?.kind, row.resource_kind],
    ['resource_id', entry.resource?.id, row.resource_id],
  ];
  const wrong = pairs.find(([, said, column]) => said !== column);
  return wrong && `the column ${wrong[0]} does not say what the entry says`;
}
