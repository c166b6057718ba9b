import { hasGranted, mayDecide } from '../../governance/approvals/facts.ts';
import type { TenantTx } from '../../store/store.ts';
import type { Role } from '../../store/tables.ts';

/** What one notice tells of together. */
export type Several = { readonly approvals: readonly string[]; readonly webhooks: number };

/** So many of one notice are looked through; more than that stays a number nobody reads. */
const LOOKED_AT_MAX = 1_000;

/**
 * What a notice of several tells of, as things stand now: approvals that wait and that this person may decide and has not,
 * and webhooks that are disabled. Without a person it is the workspace's channel. From here on nothing more is folded in.
 */
export async function readSeveral(
  tx: TenantTx,
  id: string,
  person: { readonly userId: string; readonly role: Role } | null,
): Promise<Several> {
  const { db, tenantId, at } = tx;
  await db
    .updateTable('notices')
    .set({ open: false })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where('open', '=', true)
    .execute();
  const folded = (kind: 'approval' | 'webhook') =>
    db
      .selectFrom('notices as n')
      .where('n.tenant_id', '=', tenantId)
      .where('n.told_by', '=', id)
      .where('n.about_kind', '=', kind)
      .select('n.about_id')
      .distinct()
      .limit(LOOKED_AT_MAX);
  let waiting = db
    .selectFrom('approvals as a')
    .leftJoin('grants as g', (join) =>
      join
        .onRef('g.tenant_id', '=', 'a.tenant_id')
        .onRef('g.client_id', '=', 'a.principal_id')
        .onRef('g.tool_id', '=', 'a.tool_id'),
    )
    .where('a.tenant_id', '=', tenantId)
    .where('a.id', 'in', folded('approval'))
    .where('a.status', '=', 'pending')
    .where('a.expires_at', '>', at)
    .select('a.id');
  if (person !== null) {
    waiting = waiting.where(mayDecide(person)).where(({ not }) => not(hasGranted(person.userId)));
  }
  const approvals = (await waiting.execute()).map((row) => row.id);
  const disabled = await db
    .selectFrom('webhook_endpoints as w')
    .where('w.tenant_id', '=', tenantId)
    .where('w.id', 'in', folded('webhook'))
    .where('w.status', '=', 'disabled')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return { approvals, webhooks: Number(disabled.count) };
}
