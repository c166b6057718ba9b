import { type Problem, problem } from '../../kernel/codes.ts';
import type { TenantTx } from '../../store/store.ts';
import { targetExists } from './read.ts';
import type { PreviewInput, PreviewView } from './schemas.ts';

/** What a switch would stop if it were flipped now. Nothing is changed. */
export async function previewKillSwitch(tx: TenantTx, { scope, id }: PreviewInput): Promise<PreviewView | Problem> {
  if (!(await targetExists(tx, scope, id))) return problem('not_found', `There is no such ${scope} in this workspace.`);
  let grants = tx.db
    .selectFrom('grants as g')
    .innerJoin('integration_clients as c', (join) =>
      join.onRef('c.tenant_id', '=', 'g.tenant_id').onRef('c.id', '=', 'g.client_id'),
    )
    .innerJoin('tools as t', (join) => join.onRef('t.tenant_id', '=', 'g.tenant_id').onRef('t.id', '=', 'g.tool_id'))
    .where('g.tenant_id', '=', tx.tenantId)
    .where('c.status', '=', 'active')
    .where('t.status', '=', 'active');
  let approvals = tx.db
    .selectFrom('approvals as a')
    .where('a.tenant_id', '=', tx.tenantId)
    .where('a.status', 'in', ['pending', 'approved'])
    .where('a.expires_at', '>', tx.at);
  if (scope === 'tool') {
    grants = grants.where('g.tool_id', '=', id!);
    approvals = approvals.where('a.tool_id', '=', id!);
  }
  if (scope === 'client') {
    grants = grants.where('g.client_id', '=', id!);
    approvals = approvals.where('a.principal_kind', '=', 'client').where('a.principal_id', '=', id!);
  }
  const counted = await grants
    .select(({ fn }) => [
      fn.count<string>('g.client_id').distinct().as('clients'),
      fn.count<string>('g.id').as('grants'),
    ])
    .executeTakeFirstOrThrow();
  const open = await approvals.select(({ fn }) => fn.count<string>('a.id').as('count')).executeTakeFirstOrThrow();
  const on = await tx.db
    .selectFrom('kill_switches')
    .select('id')
    .where('tenant_id', '=', tx.tenantId)
    .where('scope', '=', scope)
    .where('target_id', '=', id ?? '')
    .where('lifted_at', 'is', null)
    .executeTakeFirst();
  return {
    scope,
    target_id: id ?? null,
    clients: Number(counted.clients),
    grants: Number(counted.grants),
    open_approvals: Number(open.count),
    already_on: on !== undefined,
  };
}
