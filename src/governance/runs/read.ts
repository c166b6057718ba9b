import { sql } from 'kysely';
import type { TenantTx } from '../../store/store.ts';
import { LISTED_MAX, type RunLabelsQuery, type RunLabelsView } from './schemas.ts';

type Row = { run: string; labels: string[]; labelled_at: Date; ends_at: Date };

/** The runs of a client that have labels now, the one labelled last first. */
export async function listRunLabels(
  tx: TenantTx,
  { clientId, run_id: runId }: RunLabelsQuery & { readonly clientId: string },
): Promise<RunLabelsView[]> {
  const { rows } = await sql<Row>`
    select run, labels, labelled_at, run_labels_end(run, labelled_at) as ends_at from run_labels
    where tenant_id = ${tx.tenantId} and principal_id = ${clientId}
      and (${runId ?? null}::text is null or run = ${`run:${runId}`})
      and run_labels_end(run, labelled_at) > clock_timestamp()
    order by labelled_at desc, run limit ${LISTED_MAX}`.execute(tx.db);
  return rows.map(view);
}

const OPEN = 'open:';
const NAMED = 'run:';

function view({ run, labels, labelled_at, ends_at }: Row): RunLabelsView {
  return {
    run_id: run.startsWith(NAMED) ? run.slice(NAMED.length) : null,
    token_id: run.startsWith(OPEN) ? run.slice(OPEN.length) : null,
    labels,
    labelled_at: labelled_at.toISOString(),
    ends_at: ends_at.toISOString(),
  };
}
