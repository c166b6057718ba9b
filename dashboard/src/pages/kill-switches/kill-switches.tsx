import { useInfiniteQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { queries } from '../../api/queries.ts';
import type { KillSwitchView } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Listing } from '../../components/listing.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { More, rowsOf } from '../../components/pages.tsx';
import { Facts, PageHead, Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { EmptyState, ProblemNote } from '../../components/states.tsx';
import type { Column } from '../../components/table.tsx';
import { Countdown, Time } from '../../components/time.tsx';
import { Name, SwitchTarget } from '../../names.tsx';
import { useTitle } from '../../title.ts';
import { useHere, useMay, useSlug } from '../../workspace.tsx';
import { FlipDialog } from './flip-dialog.tsx';
import { GlassDialog } from './glass-dialog.tsx';
import { LiftDialog } from './lift-dialog.tsx';

/** What is stopped now, and the way to stop and to resume. */
export function KillSwitches(): ReactNode {
  useTitle('Kill switches');
  const slug = useSlug();
  const may = useMay();
  const { workspace } = useHere();
  const { flip, target } = useSearch({ from: '/w/$slug/kill-switches' });
  const navigate = useNavigate({ from: '/w/$slug/kill-switches' });
  const on = useInfiniteQuery(queries.switchList(slug, 'on'));
  const lifted = useInfiniteQuery(queries.switchList(slug, 'lifted'));
  const [lifting, setLifting] = useState<KillSwitchView | null>(null);
  const [breaking, setBreaking] = useState<KillSwitchView | null>(null);
  const mayFlip = may('kill_switches.manage');
  const mayBreak = may('kill_switches.break_glass');
  return (
    <>
      <PageHead
        title="Kill switches"
        aside={
          mayFlip && (
            <Button kind="no" icon="stop" onClick={() => void navigate({ search: { flip: 'workspace' } })}>
              Stop something
            </Button>
          )
        }
      >
        A switch stops calls at the gate, at once and on every node, approved ones too.
        {!mayFlip && ` As ${workspace.role} you see them; owners and admins flip them.`}
      </PageHead>
      <div className="grid gap-6">
        <Panel title="On now" flush>
          <Loaded query={on} rows={2}>
            {(data) => {
              const items = rowsOf(data);
              if (items.length === 0) {
                return (
                  <EmptyState icon="check" title="Nothing is stopped">
                    Calls pass the gate as their grants allow.
                  </EmptyState>
                );
              }
              return (
                <>
                  <ul>
                    {items.map((each) => (
                      <Stopped
                        key={each.id}
                        each={each}
                        onLift={mayFlip ? () => setLifting(each) : undefined}
                        onBreak={mayBreak ? () => setBreaking(each) : undefined}
                      />
                    ))}
                  </ul>
                  {on.hasNextPage && <More query={on} count={items.length} />}
                </>
              );
            }}
          </Loaded>
        </Panel>
        <Panel title="Lifted" flush>
          <Listing
            query={lifted}
            caption="Switches that were lifted"
            columns={HISTORY}
            id={({ id }) => id}
            rows={2}
            empty={<p className="px-5 py-4 text-soft">None yet.</p>}
          />
        </Panel>
      </div>
      {mayFlip && flip && (
        <FlipDialog
          key={`${flip} ${target}`}
          scope={flip}
          target={target ?? ''}
          onClose={() => void navigate({ search: {} })}
        />
      )}
      {breaking && <GlassDialog of={breaking} onClose={() => setBreaking(null)} />}
      {lifting && <LiftDialog lifting={lifting} onClose={() => setLifting(null)} />}
    </>
  );
}

type StoppedProps = {
  each: KillSwitchView;
  onLift: (() => void) | undefined;
  onBreak: (() => void) | undefined;
};

function Stopped({ each, onLift, onBreak }: StoppedProps): ReactNode {
  const glass = each.break_glass;
  const end = useChange<void>(() => ({ path: `/v1/kill-switches/${each.id}/break-glass`, method: 'DELETE' }), {
    families: ['switches', 'approvals'],
    said: 'It stops calls again.',
  });
  return (
    <li
      data-row={each.id}
      className="flex flex-wrap items-start justify-between gap-4 border-b border-l-4 border-rule border-l-no px-4 py-3 last:border-b-0 sm:px-5"
    >
      <div className="min-w-0">
        <p className="flex items-center gap-2 text-lg font-semibold text-no">
          <Icon name="stop" />{' '}
          <span className="min-w-0 wrap-anywhere">
            <SwitchTarget of={each} />
          </span>
        </p>
        <Facts
          items={[
            ['Reason', <SafeText key="reason" text={each.reason} />],
            [
              'Stopped by',
              <span key="by">
                <Name id={each.flipped_by} />, <Time at={each.flipped_at} />
              </span>,
            ],
            ...(glass === null
              ? []
              : [
                  [
                    'Calls pass until',
                    <span key="glass">
                      <Time at={glass.until} /> (<Countdown until={glass.until} />
                      ), by <Name id={glass.by} />: <SafeText text={glass.reason} />
                    </span>,
                  ] as const,
                ]),
          ]}
        />
        <ProblemNote problem={end.error} />
      </div>
      <div className="flex flex-wrap gap-2">
        {onBreak && glass === null && <Button onClick={onBreak}>Break glass…</Button>}
        {onLift && glass !== null && (
          <Button kind="no" busy={end.isPending} onClick={() => end.mutate()}>
            Stop again now
          </Button>
        )}
        {onLift && <Button onClick={onLift}>Resume…</Button>}
      </div>
    </li>
  );
}

const HISTORY: readonly Column<KillSwitchView>[] = [
  { head: 'What', cell: (each) => <SwitchTarget of={each} /> },
  { head: 'Reason', cell: ({ reason }) => <SafeText text={reason} /> },
  {
    head: 'Stopped',
    from: 'sm',
    cell: ({ flipped_at, flipped_by }) => (
      <>
        <Time at={flipped_at} /> by <Name id={flipped_by} />
      </>
    ),
  },
  {
    head: 'Lifted',
    cell: ({ lifted_at, lifted_by }) => (
      <>
        <Time at={lifted_at} />
        {lifted_by && (
          <>
            {' '}
            by <Name id={lifted_by} />
          </>
        )}
      </>
    ),
  },
  { head: 'Why', from: 'lg', cell: ({ lift_reason }) => (lift_reason ? <SafeText text={lift_reason} /> : '–') },
];
