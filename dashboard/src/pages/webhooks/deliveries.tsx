import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { DELIVERY_STATUSES } from '../../../../src/kernel/statuses.ts';
import { useChange } from '../../api/change.ts';
import { queries } from '../../api/queries.ts';
import type { DeliveryView, EndpointView } from '../../api/types.ts';
import { Stamp, stateWord } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { FilterBar } from '../../components/filter-bar.tsx';
import { Listing } from '../../components/listing.tsx';
import { totalOf } from '../../components/pages.tsx';
import { Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { EmptyState, ProblemNote } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Time } from '../../components/time.tsx';
import { useMay, useSlug } from '../../workspace.tsx';

/** What was sent to a webhook, with every attempt. */
export function Deliveries({ webhook: { id, status: state } }: { webhook: EndpointView }): ReactNode {
  const slug = useSlug();
  const may = useMay();
  const navigate = useNavigate({ from: '/w/$slug/settings/webhooks/$id' });
  const filters = useSearch({ from: '/w/$slug/settings/webhooks/$id' });
  const deliveries = useInfiniteQuery({ ...queries.deliveries(slug, id, filters), refetchInterval: 5_000 });
  const resend = useChange(
    (delivery: string) => ({ path: `/v1/webhooks/${id}/deliveries/${delivery}/resend`, method: 'POST' }),
    { families: ['webhooks'], said: 'It is on its way again.' },
  );
  const columns: Column<DeliveryView>[] = [
    {
      head: 'Event',
      cell: ({ id: delivery, event_type, created_at, origin_id }) => (
        <>
          <span className="font-semibold wrap-anywhere">{event_type}</span>
          {origin_id !== null && <span className="text-soft"> · sent again</span>}
          <span className="block text-sm text-soft">
            <Time at={created_at} />
          </span>
          <code className="font-mono text-xs break-all text-soft max-sm:hidden">{delivery}</code>
        </>
      ),
    },
    { head: 'State', cell: ({ status }) => <Stamp state={status} /> },
    { head: 'Attempts', from: 'md', cell: (delivery) => <Attempts delivery={delivery} /> },
    ...(may('webhooks.manage')
      ? [
          {
            head: 'Change',
            right: true,
            cell: ({ id: delivery, event_type }: DeliveryView) =>
              state === 'enabled' && (
                <Button
                  aria-label={`Send ${event_type} again`}
                  busy={resend.isPending && resend.variables === delivery}
                  onClick={() => resend.mutate(delivery)}
                >
                  Send again
                </Button>
              ),
          },
        ]
      : []),
  ];
  return (
    <Panel title="What was sent" flush>
      {resend.error && (
        <div className="p-4">
          <ProblemNote problem={resend.error} />
        </div>
      )}
      <FilterBar
        values={filters}
        onChange={(next) => void navigate({ search: next, replace: true })}
        total={totalOf(deliveries.data)}
        what={['delivery', 'deliveries']}
        fields={[
          { name: 'status', label: 'State', options: DELIVERY_STATUSES.map((one) => [one, stateWord(one)] as const) },
        ]}
      />
      <Listing
        query={deliveries}
        caption="What was sent"
        columns={columns}
        id={(delivery) => delivery.id}
        onClear={filters.status ? () => void navigate({ search: {} }) : undefined}
        empty={
          <EmptyState icon="activity" title="Nothing was sent yet">
            Send a test to see whether the receiver answers.
          </EmptyState>
        }
      />
    </Panel>
  );
}

function Attempts({ delivery: { attempts, next_attempt_at } }: { delivery: DeliveryView }): ReactNode {
  return (
    <>
      {attempts.length > 0 && (
        <details>
          <summary className="min-h-6 cursor-pointer">
            {attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`}
            {attempts.at(-1)!.error && (
              <span className="block text-sm text-no wrap-anywhere">
                <SafeText text={attempts.at(-1)!.error!} />
              </span>
            )}
          </summary>
          <ol className="mt-2 grid gap-2 border-l-2 border-rule pl-3 text-sm">
            {attempts.map(({ at, duration_ms, status, error, answer }) => (
              <li key={at}>
                <Time at={at} /> · {status ?? 'no answer'} · {duration_ms} ms
                {error && (
                  <span className="block text-no wrap-anywhere">
                    <SafeText text={error} />
                  </span>
                )}
                {answer && (
                  <span className="block font-mono text-xs wrap-anywhere text-soft">
                    <SafeText text={answer} />
                  </span>
                )}
              </li>
            ))}
          </ol>
        </details>
      )}
      {next_attempt_at !== null && (
        <span className="block text-sm text-soft">
          next <Time at={next_attempt_at} />
        </span>
      )}
    </>
  );
}
