import type { StoredLink } from '../ledger/read.ts';
import { type ChainEnd, faultOf, genesis } from '../ledger/verify.ts';
import type { Query } from '../store/store.ts';
import { enterTenant } from './catalogue.ts';
import type { Head } from './format.ts';

const PAGE = 2_000;

/** Verifies the chain of every workspace in an open transaction, and says where each ends. */
export async function readHeads(query: Query, tenants: readonly string[]): Promise<Head[]> {
  const heads: Head[] = [];
  for (const tenantId of tenants) {
    await enterTenant(query, tenantId);
    heads.push(await readHead(query, tenantId));
  }
  return heads;
}

async function readHead(query: Query, tenantId: string): Promise<Head> {
  let end: ChainEnd = { seq: 0, hash: genesis(tenantId) };
  const head = (): Head => ({ tenant_id: tenantId, seq: end.seq, hash: end.hash.toString('hex') });
  for (;;) {
    const page = await query<StoredLink>(
      `select seq, prev_hash, hash, entry, at, event_type, actor_kind, actor_id, resource_kind, resource_id, outcome
       from audit_log where tenant_id = $1 and seq > $2 order by seq limit $3`,
      [tenantId, end.seq, PAGE],
    );
    for (const link of page) {
      const fault = faultOf(link, end, tenantId);
      if (fault !== undefined) return { ...head(), fault: `link ${link.seq}: ${fault}` };
      end = { seq: Number(link.seq), hash: link.hash };
    }
    if (page.length < PAGE) return head();
  }
}
