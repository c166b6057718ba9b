import { sql } from 'kysely';
import type { Store, TenantTx } from '../../store/store.ts';

/** An endpoint that this node works on for a while; no other does. `failing`: its last attempt failed. */
export type Lease = { readonly tenantId: string; readonly endpointId: string; readonly failing: boolean };

/** A node that dies with a lease holds up its endpoint for so long. */
const LEASE_SECONDS = 60;
/** How many endpoints are looked at to choose from. */
const CANDIDATES = 200;

/** How many endpoints: so many in all, and so many of those that fail at present. */
export type Places = { readonly all: number; readonly failing: number };

/** How many endpoints a node may take. */
export type Room = {
  readonly free: Places;
  readonly perTenant: Places;
  /** How many it works on already, by workspace. */
  readonly busy: ReadonlyMap<string, Places>;
};

type Candidate = { tenant_id: string; endpoint_id: string; failing: boolean };

/** What was taken, and when it was looked: what came due later has not been seen. */
export type Claimed = { readonly leases: Lease[]; readonly at: Date };

/** Takes endpoints that are due, those that wait longest first. */
export function claim(store: Store, room: Room): Promise<Claimed> {
  const { free, perTenant, busy } = room;
  const full = (kind: keyof Places): string[] =>
    [...busy].filter(([, places]) => places[kind] >= perTenant[kind]).map(([tenantId]) => tenantId);
  return store.asSystem(async (db) => {
    const now = await sql<{ at: Date }>`select clock_timestamp() as at`.execute(db);
    const { at } = now.rows[0]!;
    const { rows } = await sql<Candidate>`
      select tenant_id, endpoint_id, failing from webhook_queues
      where due_at <= clock_timestamp() and coalesce(claimed_until <= clock_timestamp(), true)
        and tenant_id <> all (${full('all')}::uuid[])
        and (not failing or ${free.failing > 0} and tenant_id <> all (${full('failing')}::uuid[]))
      order by due_at limit ${CANDIDATES} for update skip locked`.execute(db);
    const chosen = choose(rows, room);
    if (chosen.length === 0) return { leases: [], at };
    await sql`
      update webhook_queues q set claimed_until = clock_timestamp() + ${LEASE_SECONDS} * interval '1 second'
      from unnest(${chosen.map((one) => one.tenant_id)}::uuid[], ${chosen.map((one) => one.endpoint_id)}::text[])
        c (tenant_id, endpoint_id)
      where q.tenant_id = c.tenant_id and q.endpoint_id = c.endpoint_id`.execute(db);
    const leases = chosen.map(({ tenant_id, endpoint_id, failing }) => ({
      tenantId: tenant_id,
      endpointId: endpoint_id,
      failing,
    }));
    return { leases, at };
  });
}

const NOBODY: Places = { all: 0, failing: 0 };

function choose(candidates: readonly Candidate[], { free, perTenant, busy }: Room): Candidate[] {
  const taken = new Map(busy);
  const chosen: Candidate[] = [];
  let failing = 0;
  for (const one of candidates) {
    if (chosen.length >= free.all) break;
    const of = taken.get(one.tenant_id) ?? NOBODY;
    if (of.all >= perTenant.all) continue;
    if (one.failing && (failing >= free.failing || of.failing >= perTenant.failing)) continue;
    if (one.failing) failing += 1;
    taken.set(one.tenant_id, { all: of.all + 1, failing: of.failing + (one.failing ? 1 : 0) });
    chosen.push(one);
  }
  return chosen;
}

/**
 * In how many milliseconds an endpoint comes due, or the lease of a dead node ends, that had not when it was last looked.
 * What had is left for want of room: it is looked at again when there is some.
 */
export async function nextDueMs(store: Store, lookedAt: Date): Promise<number> {
  const { rows } = await store.asSystem((db) =>
    sql<{ next_ms: number | null }>`
      select ceil(extract(epoch from min(greatest(due_at, claimed_until)) - clock_timestamp()) * 1000)::float8 as next_ms
      from webhook_queues where due_at is not null and greatest(due_at, claimed_until) > ${lookedAt}`.execute(db),
  );
  return rows[0]?.next_ms ?? Number.POSITIVE_INFINITY;
}

/** Gives an endpoint back: it is due when its next delivery is, but not within `restSeconds`. */
export async function release(store: Store, { tenantId, endpointId }: Lease, restSeconds = 0): Promise<void> {
  await store.withTenant(tenantId, async ({ db }) => {
    // Locked first: what is queued from here on sets its own time behind this, and what was before is seen below.
    const row = await db
      .selectFrom('webhook_queues')
      .select('endpoint_id')
      .where('tenant_id', '=', tenantId)
      .where('endpoint_id', '=', endpointId)
      .forUpdate()
      .executeTakeFirst();
    if (row === undefined) return;
    await sql`
      update webhook_queues set claimed_until = null, due_at = (
        select min(greatest(next_attempt_at,
          case when ${restSeconds} > 0 then clock_timestamp() + ${restSeconds} * interval '1 second' end))
        from webhook_deliveries
        where tenant_id = ${tenantId} and endpoint_id = ${endpointId} and status = 'pending')
      where tenant_id = ${tenantId} and endpoint_id = ${endpointId}`.execute(db);
  });
}

/** Ends the leases of a process that is no more: on the embedded engine there is no other node. */
export async function releaseAll(store: Store): Promise<void> {
  await store.asSystem((db) =>
    sql`update webhook_queues set claimed_until = null where claimed_until is not null`.execute(db),
  );
}

/** Puts a delivery that is not of an event's own into its endpoint's queue. */
export async function enqueue({ db, tenantId }: TenantTx, endpointId: string): Promise<void> {
  await sql`
    insert into webhook_queues as q (tenant_id, endpoint_id, due_at, pending)
    values (${tenantId}, ${endpointId}, clock_timestamp(), 1)
    on conflict (tenant_id, endpoint_id) do update set due_at = least(q.due_at, excluded.due_at),
      pending = q.pending + 1`.execute(db);
}

/** Forgets an endpoint's place in the queue. */
export async function dropQueue({ db, tenantId }: TenantTx, endpointId: string): Promise<void> {
  await db
    .deleteFrom('webhook_queues')
    .where('tenant_id', '=', tenantId)
    .where('endpoint_id', '=', endpointId)
    .execute();
}
