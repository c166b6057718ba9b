import { sql } from 'kysely';
import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { SYSTEM } from '../../kernel/actor.ts';
import { type Problem, problem } from '../../kernel/codes.ts';
import type { Store, TenantTx } from '../../store/store.ts';
import { findKillSwitch } from './read.ts';
import type { BreakGlassInput, KillSwitchView } from './schemas.ts';

/**
 * Lets calls pass one switch for a limited time, by the database's clock. The switch stays on, every page says so, and so
 * does the entry of every call that passes because of it.
 */
export async function breakGlass(
  ctx: Verb,
  { id, minutes, reason }: BreakGlassInput & { readonly id: string },
): Promise<KillSwitchView | Problem> {
  const { tx, actor } = ctx;
  // One before it may be over, and its end not written down yet.
  await endOver(tx, id);
  return edit(ctx, {
    read: () => findKillSwitch(tx, id),
    async update({ status, break_glass }) {
      if (status !== 'on') return problem('conflict', 'The kill switch has been lifted for good already.');
      if (break_glass !== null) return problem('conflict', `It is lifted already, until ${break_glass.until}.`);
      const until = sql<Date>`clock_timestamp() + make_interval(mins => ${minutes})`;
      await tx.db
        .updateTable('kill_switches')
        .set({ glass_until: until, glass_by: actor.id, glass_reason: reason })
        .where('tenant_id', '=', tx.tenantId)
        .where('id', '=', id)
        .execute();
      return undefined;
    },
    event: {
      type: 'kill_switch.break_glass',
      kind: 'kill_switch',
      id,
      outcome: 'lifted for a time',
      state: (view) => view,
    },
  });
}

/** The switch stops calls again before its time. */
export function endBreakGlass(ctx: Verb, id: string): Promise<KillSwitchView | Problem> {
  return end(ctx, id, async ({ break_glass }) =>
    break_glass === null ? problem('conflict', 'Nobody has lifted the kill switch for a time.') : undefined,
  );
}

/** Writes down where the time is over, in every workspace. Calls are stopped again without this, at that time. */
export async function expireBreakGlass(store: Store): Promise<void> {
  const due = await store.asSystem((db) =>
    db.selectFrom('kill_switches').select(['tenant_id', 'id']).where(isOver).limit(100).execute(),
  );
  for (const { tenant_id, id } of due) await store.withTenant(tenant_id, (tx) => endOver(tx, id));
}

const isOver = sql<boolean>`glass_until <= clock_timestamp()`;

/** Ends what is over by the clock, with its entry; nothing where nothing is. */
function endOver(tx: TenantTx, id: string): Promise<unknown> {
  return end({ tx, actor: SYSTEM }, id, async () => {
    const over = await tx.db
      .selectFrom('kill_switches')
      .select('id')
      .where('tenant_id', '=', tx.tenantId)
      .where('id', '=', id)
      .where(isOver)
      .executeTakeFirst();
    return over === undefined ? 'unchanged' : undefined;
  });
}

/** Ends it unless `refuse` says why not. */
function end(
  ctx: Verb,
  id: string,
  refuse: (view: KillSwitchView) => Promise<Problem | 'unchanged' | undefined>,
): Promise<KillSwitchView | Problem> {
  const { tx } = ctx;
  return edit(ctx, {
    read: () => findKillSwitch(tx, id),
    async update(view) {
      const refused = await refuse(view);
      if (refused !== undefined) return refused;
      await tx.db
        .updateTable('kill_switches')
        .set({ glass_until: null, glass_by: null, glass_reason: null })
        .where('tenant_id', '=', tx.tenantId)
        .where('id', '=', id)
        .execute();
      return undefined;
    },
    event: { type: 'kill_switch.break_glass_ended', kind: 'kill_switch', id, outcome: 'on', state: (view) => view },
  });
}
