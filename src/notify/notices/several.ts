import { visibleAmong } from '../../governance/approvals/visible.ts';
import type { TenantTx } from '../../store/store.ts';

/** What one notice tells of together. */
export type Several = { readonly approvals: readonly string[]; readonly webhooks: number };

/** So many of one notice are looked through; more than that stays a number nobody reads. */
const LOOKED_AT_MAX = 1_000;

/**
 * What a notice of several tells of, as things stand now: approvals that wait and that this person may see and has not
 * voted on, and webhooks that are disabled. From here on nothing more is folded into it.
 */
export async function readSeveral(tx: TenantTx, id: string, userId: string | null): Promise<Several> {
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
    .where('a.tenant_id', '=', tenantId)
    .where('a.id', 'in', folded('approval'))
    .where('a.status', '=', 'pending')
    .where('a.expires_at', '>', at)
    .select('a.id');
  if (userId !== null) {
    waiting = waiting.where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('approval_decisions as d')
            .whereRef('d.tenant_id', '=', 'a.tenant_id')
            .whereRef('d.approval_id', '=', 'a.id')
            .where('d.user_id', '=', userId)
            .select('d.id'),
        ),
      ),
    );
  }
  const ids = (await waiting.execute()).map((row) => row.id);
  const disabled = await db
    .selectFrom('webhook_endpoints as w')
    .where('w.tenant_id', '=', tenantId)
    .where('w.id', 'in', folded('webhook'))
    .where('w.status', '=', 'disabled')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  const seen = userId === null ? new Set(ids) : await seenBy(tx, userId, ids);
  return { approvals: ids.filter((one) => seen.has(one)), webhooks: Number(disabled.count) };
}

async function seenBy(tx: TenantTx, userId: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const member = await tx.db
    .selectFrom('workspace_members')
    .select('role')
    .where('tenant_id', '=', tx.tenantId)
    .where('user_id', '=', userId)
    .executeTakeFirst();
  if (member === undefined) return new Set();
  return visibleAmong(tx, { kind: 'member', userId, role: member.role }, ids);
}
