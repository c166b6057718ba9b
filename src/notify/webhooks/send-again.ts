import { sql } from 'kysely';
import type { Verb } from '../../identity/verb.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { audit } from '../../ledger/audit.ts';
import { signal } from '../../store/signals.ts';
import { findDelivery } from './deliveries.ts';
import { enqueue } from './queue.ts';
import { findEndpoint } from './read.ts';
import type { DeliveryDetail } from './schemas.ts';

/** So many that somebody asked for may wait at one endpoint. */
const WAITING_MAX = 1_000;

/** Sends an endpoint a test event of its own, also one that is disabled. */
export async function ping(ctx: Verb, endpointId: string): Promise<DeliveryDetail | Problem> {
  return add(ctx, endpointId, { event_id: newId('evt'), event_type: 'webhook.ping', seq: null, origin_id: null });
}

/** Sends a delivery's event again: a delivery of its own, with a new id, that names its origin. */
export async function sendAgain(ctx: Verb, endpointId: string, id: string): Promise<DeliveryDetail | Problem> {
  const { tx } = ctx;
  const origin = await tx.db
    .selectFrom('webhook_deliveries')
    .select(['event_id', 'event_type', 'seq'])
    .where('tenant_id', '=', tx.tenantId)
    .where('endpoint_id', '=', endpointId)
    .where('id', '=', id)
    .executeTakeFirst();
  return origin === undefined ? problem('not_found') : add(ctx, endpointId, { ...origin, origin_id: id });
}

type Added = {
  readonly event_id: string;
  readonly event_type: string;
  readonly seq: string | null;
  readonly origin_id: string | null;
};

async function add({ tx, actor }: Verb, endpointId: string, added: Added): Promise<DeliveryDetail | Problem> {
  const endpoint = await findEndpoint(tx, endpointId);
  if (endpoint === undefined) return problem('not_found');
  if (endpoint.status === 'disabled' && added.seq !== null) {
    return problem('conflict', 'The webhook is disabled. Enable it first.');
  }
  if (endpoint.pending >= WAITING_MAX) {
    return problem(
      'conflict',
      `${endpoint.pending} deliveries are on their way to it already. Wait for some to arrive.`,
    );
  }
  const id = newId('dlv');
  await tx.db
    .insertInto('webhook_deliveries')
    .values({
      tenant_id: tx.tenantId,
      id,
      endpoint_id: endpointId,
      ...added,
      created_at: sql<Date>`date_trunc('milliseconds', clock_timestamp())`,
    })
    .execute();
  await enqueue(tx, endpointId);
  const { origin_id, event_id } = added;
  await audit(tx, {
    event_type: origin_id === null ? 'webhook.pinged' : 'webhook.resent',
    actor,
    resource: { kind: 'webhook', id: endpointId },
    outcome: 'queued',
    data: { delivery_id: id, event_id, ...(origin_id !== null && { origin_id }) },
  });
  await signal(tx, { kind: 'deliveries' });
  return (await findDelivery(tx, endpointId, id))!;
}
