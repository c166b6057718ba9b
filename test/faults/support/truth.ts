import pino from 'pino';
import { Sequencer } from '../../../src/ledger/sequencer.ts';
import { type Verification, verifyChain } from '../../../src/ledger/verify.ts';
import type { Store } from '../../../src/store/store.ts';

export type RecordedCall = {
  readonly status: string;
  readonly tool_name: string;
  readonly started: boolean;
  readonly finished: boolean;
};

export type RecordedEvent = {
  readonly seq: number;
  readonly type: string;
  readonly resource: string;
  readonly actor: string;
};

/** What a workspace's database says, once everything pending is in its chain. */
export type Truth = {
  readonly calls: ReadonlyMap<string, RecordedCall>;
  /** Approvals by id, with who granted them. */
  readonly approvals: ReadonlyMap<string, { readonly status: string; readonly granted: number }>;
  readonly chain: Verification;
  readonly events: readonly RecordedEvent[];
};

export async function readTruth(store: Store, tenantId: string): Promise<Truth> {
  await new Sequencer(store, pino({ level: 'silent' })).drain();
  const chain = await verifyChain(store, tenantId);
  return store.withTenant(tenantId, async ({ db }) => {
    const calls = await db
      .selectFrom('agent_execution_logs')
      .select(['id', 'status', 'tool_name', 'started_at', 'finished_at'])
      .where('tenant_id', '=', tenantId)
      .execute();
    const approvals = await db
      .selectFrom('approvals as a')
      .leftJoin('approval_decisions as d', (join) =>
        join
          .onRef('d.tenant_id', '=', 'a.tenant_id')
          .onRef('d.approval_id', '=', 'a.id')
          .on('d.decision', '=', 'granted'),
      )
      .select(['a.id', 'a.status'])
      .select((eb) => eb.fn.count<string>('d.id').as('granted'))
      .where('a.tenant_id', '=', tenantId)
      .groupBy(['a.id', 'a.status'])
      .execute();
    const events = await db
      .selectFrom('audit_log')
      .select(['seq', 'event_type', 'resource_id', 'actor_id'])
      .where('tenant_id', '=', tenantId)
      .orderBy('seq')
      .execute();
    return {
      calls: new Map(
        calls.map(({ id, status, tool_name, started_at, finished_at }) => [
          id,
          { status, tool_name, started: started_at !== null, finished: finished_at !== null },
        ]),
      ),
      approvals: new Map(approvals.map(({ id, status, granted }) => [id, { status, granted: Number(granted) }])),
      chain,
      events: events.map(({ seq, event_type, resource_id, actor_id }) => ({
        seq: Number(seq),
        type: event_type,
        resource: resource_id,
        actor: actor_id,
      })),
    };
  });
}
