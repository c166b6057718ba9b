import { sql } from 'kysely';
import type { Store } from '../../store/store.ts';

const ROUND_MAX = 5_000;

/** Deletes labels that have ended, in every workspace, so many at a time. Answers whether there may be more. */
export async function pruneRunLabels(store: Store): Promise<boolean> {
  const { numAffectedRows = 0n } = await store.asSystem((db) =>
    sql`delete from run_labels l using (
        select tenant_id, principal_id, run from run_labels
        where labelled_at < clock_timestamp() - interval '24 hours'
          and run_labels_end(run, labelled_at) <= clock_timestamp()
        order by labelled_at limit ${ROUND_MAX}
      ) o where l.tenant_id = o.tenant_id and l.principal_id = o.principal_id and l.run = o.run
        and run_labels_end(l.run, l.labelled_at) <= clock_timestamp()`.execute(db),
  );
  return Number(numAffectedRows) === ROUND_MAX;
}
