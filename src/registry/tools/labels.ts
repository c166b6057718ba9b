import { sql } from 'kysely';
import type { Problem } from '../../kernel/codes.ts';
import { WORKSPACE_LABELS_MAX } from '../../kernel/runs.ts';
import type { TenantTx } from '../../store/store.ts';
import { fieldProblem } from '../config-check.ts';

/** Why a tool may not have these labels beside what the workspace's other tools have; undefined where it may. */
export async function refusedLabels(
  tx: TenantTx,
  toolId: string,
  labels: readonly string[],
): Promise<Problem | undefined> {
  if (labels.length === 0) return undefined;
  const { rows } = await sql<{ others: number }>`
    select count(distinct l.label)::int as others from tools t, unnest(t.labels) l (label)
    where t.tenant_id = ${tx.tenantId} and t.status = 'active' and t.id <> ${toolId}
      and l.label <> all (${labels}::text[])`.execute(tx.db);
  if (rows[0]!.others + labels.length <= WORKSPACE_LABELS_MAX) return undefined;
  return fieldProblem(
    'labels',
    `the tools of a workspace have at most ${WORKSPACE_LABELS_MAX} different labels; use one that another tool has`,
  );
}
