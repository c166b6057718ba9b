import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { ApiProblem } from '../../api/http.ts';
import { queries } from '../../api/queries.ts';
import type { ClientView, RunLabelsView } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { TextField } from '../../components/field.tsx';
import { LabelList } from '../../components/label-list.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { EmptyState, ProblemNote } from '../../components/states.tsx';
import { type Column, Table } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useMay, useSlug } from '../../workspace.tsx';

const LISTED_MAX = 100;

/** What the client's runs have read: the labels on each, until they end or somebody takes them off. */
export function RunLabels({ client }: { client: ClientView }): ReactNode {
  const slug = useSlug();
  const may = useMay();
  const mayClear = may('clients.manage');
  const labels = useQuery(queries.runLabels(slug, client.id));
  const [clearing, setClearing] = useState<RunLabelsView | 'all' | null>(null);
  const columns: Column<RunLabelsView>[] = [
    { head: 'Run', cell: (row) => <RunName row={row} /> },
    { head: 'Labels', cell: ({ labels: words }) => <LabelList labels={words} /> },
    { head: 'Put on last', from: 'md', cell: ({ labelled_at }) => <Time at={labelled_at} /> },
    { head: 'Ends', from: 'sm', cell: ({ ends_at }) => <Time at={ends_at} /> },
    {
      head: 'Change',
      right: true,
      cell: (row) => (
        <Button kind="no" aria-label={`Take off the labels of ${nameOf(row)}`} onClick={() => setClearing(row)}>
          Take off…
        </Button>
      ),
    },
  ];
  return (
    <Panel title="Labels on runs" flush>
      <p className="border-b border-rule px-4 py-3 text-sm text-soft sm:px-5">
        {client.trusted_run_ids
          ? 'Each run keeps its own labels, because this client’s application names the runs. A call that names none has those of everything its token did.'
          : 'Labels count for everything that a token does, whichever run it names: the model itself may choose the name.'}
      </p>
      <Loaded query={labels} rows={3}>
        {({ items }) =>
          items.length === 0 ? (
            <EmptyState icon="seal" title="No run has a label">
              A tool puts its labels on the run that reads its results. Rules of a grant see them.
            </EmptyState>
          ) : (
            <>
              <Table
                caption="Runs with labels, the one labelled last first"
                rows={items}
                columns={mayClear ? columns : columns.slice(0, -1)}
                id={keyOf}
              />
              <div className="flex flex-wrap items-center justify-between gap-3 px-4 py-3 sm:px-5">
                <p className="text-sm text-soft">
                  {items.length === LISTED_MAX && `These are the ${LISTED_MAX} labelled last; there may be more.`}
                </p>
                {mayClear && (
                  <Button kind="no" onClick={() => setClearing('all')}>
                    Take off all…
                  </Button>
                )}
              </div>
            </>
          )
        }
      </Loaded>
      {clearing && <Clear client={client} of={clearing} onClose={() => setClearing(null)} />}
    </Panel>
  );
}

const keyOf = ({ run_id, token_id }: RunLabelsView): string => (run_id === null ? `open ${token_id}` : `run ${run_id}`);
const nameOf = ({ run_id, token_id }: RunLabelsView): string => run_id ?? `what ${token_id} does`;

function RunName({ row: { run_id: runId, token_id: tokenId } }: { row: RunLabelsView }): ReactNode {
  const slug = useSlug();
  if (runId === null) {
    return (
      <>
        <span className="font-semibold">Everything a token does</span>
        <code className="block font-mono text-xs break-all text-soft">{tokenId}</code>
      </>
    );
  }
  return (
    <Link
      to="/w/$slug/activity"
      params={{ slug }}
      search={{ run_id: runId }}
      className="inline-block min-h-6 font-semibold wrap-anywhere text-accent hover:underline"
    >
      <SafeText text={runId} />
    </Link>
  );
}

function Clear({ client, of, onClose }: { client: ClientView; of: RunLabelsView | 'all'; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const which = of === 'all' ? {} : of.run_id === null ? { token_id: of.token_id ?? undefined } : { run_id: of.run_id };
  const clear = useChange(
    () => ({ path: `/v1/clients/${client.id}/run-labels/clear`, method: 'POST', body: { ...which, reason } }),
    { families: ['clients', 'calls'], said: 'The labels are off.', done: onClose },
  );
  return (
    <FormDialog
      open
      onClose={onClose}
      title={of === 'all' ? `Take all labels off ${client.name}` : `Take the labels off ${nameOf(of)}`}
      description={
        client.trusted_run_ids || of === 'all'
          ? 'From then on its calls are decided as if it had read nothing. Do it when the agent has begun anew.'
          : 'A run keeps the labels of its token’s open run, and the other way round: take off all where both shall go. Do it when the agent has begun anew.'
      }
      submit="Take off"
      kind="no"
      busy={clear.isPending}
      ready={reason.trim() !== ''}
      problem={<ProblemNote problem={clear.error} shown={['reason']} />}
      onSubmit={() => clear.mutate()}
    >
      <TextField
        label="Why"
        hint="Kept in the audit log."
        maxLength={500}
        required
        value={reason}
        error={clear.error instanceof ApiProblem ? clear.error.about('reason') : undefined}
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  );
}
