import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { overviewQuery, waitingQuery } from '../../api/overview.ts';
import { queries } from '../../api/queries.ts';
import { Select } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { PageHead, Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { Time, timeZone } from '../../components/time.tsx';
import { Name, SwitchTarget } from '../../names.tsx';
import { Soonest } from '../../shell/soonest.tsx';
import { useTitle } from '../../title.ts';
import { useMay, useSlug } from '../../workspace.tsx';
import { Checklist } from '../start/checklist.tsx';
import { Calls, Decisions, Refused } from './figures.tsx';

const SPANS = [
  ['24', 'Last 24 hours'],
  ['72', 'Last 3 days'],
  ['168', 'Last 7 days'],
] as const;

/** What waits, what is stopped, whether the log is whole, and how the calls went. */
export function Home(): ReactNode {
  useTitle('Home');
  const slug = useSlug();
  const navigate = useNavigate({ from: '/w/$slug/' });
  const { hours: asked } = useSearch({ from: '/w/$slug/' });
  const [hours] = SPANS.find(([each]) => each === asked) ?? SPANS[0];
  const overview = useQuery(overviewQuery(slug, Number(hours)));
  const may = useMay();
  return (
    <>
      <PageHead
        title="Home"
        aside={
          <Select
            label="Over"
            hideLabel
            value={hours}
            onChange={({ target }) =>
              void navigate({ search: target.value === SPANS[0][0] ? {} : { hours: target.value }, replace: true })
            }
          >
            {SPANS.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        }
      >
        What needs somebody now, and how the calls went. Times are {timeZone()}.
      </PageHead>
      {may('connectors.manage') && (
        <div className="mb-4 empty:hidden">
          <Checklist />
        </div>
      )}
      <div className="grid gap-4 lg:grid-cols-2 xl:grid-cols-3">
        <WaitingPanel />
        <StoppedPanel />
        {may('audit.read') && <ChainPanel chain={overview.data?.chain} />}
      </div>
      <div className="mt-4">
        <Loaded query={overview} rows={8}>
          {(data) => (
            <div className="grid items-start gap-4 xl:grid-cols-3">
              <div className="min-w-0 xl:col-span-2">
                <Calls overview={data} />
              </div>
              <div className="grid min-w-0 gap-4">
                <Refused overview={data} />
                <Decisions overview={data} />
              </div>
            </div>
          )}
        </Loaded>
      </div>
    </>
  );
}

function WaitingPanel(): ReactNode {
  const slug = useSlug();
  const waiting = useQuery(waitingQuery(slug));
  return (
    <Panel
      title="Waiting for you"
      aside={
        <Link to="/w/$slug/inbox" params={{ slug }} className="font-semibold text-accent underline">
          Inbox
        </Link>
      }
    >
      <Loaded query={waiting} rows={3}>
        {(data) => <Soonest waiting={data} />}
      </Loaded>
    </Panel>
  );
}

function StoppedPanel(): ReactNode {
  const slug = useSlug();
  const switches = useQuery(queries.switches(slug, 'on'));
  return (
    <Panel
      title="Stopped"
      aside={
        <Link to="/w/$slug/kill-switches" params={{ slug }} className="font-semibold text-accent underline">
          Kill switches
        </Link>
      }
    >
      <Loaded query={switches} rows={2}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="flex items-center gap-2 text-soft">
              <Icon name="check" /> Nothing is stopped.
            </p>
          ) : (
            <ul className="grid gap-2">
              {items.map((each) => (
                <li key={each.id} className="border-l-4 border-no pl-3">
                  <p className="font-semibold break-words text-no">
                    <SwitchTarget of={each} />
                  </p>
                  <p className="text-sm break-words text-soft">
                    <SafeText text={each.reason} />, <Time at={each.flipped_at} />
                  </p>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

/** `chain` is undefined while it is not known yet. */
function ChainPanel({
  chain,
}: {
  chain: { verified_at: string; verified_by: string; ok: boolean } | null | undefined;
}): ReactNode {
  const slug = useSlug();
  const may = useMay();
  return (
    <Panel
      title="The audit log"
      aside={
        <Link to="/w/$slug/audit" params={{ slug }} className="font-semibold text-accent underline">
          Audit
        </Link>
      }
    >
      {chain === undefined && <p className="text-soft">Not known yet.</p>}
      {chain === null && (
        <p className="text-soft">
          Its chain has not been verified yet.{' '}
          {may('audit.verify') ? 'Verify it on its page.' : 'Owners and admins can verify it.'}
        </p>
      )}
      {chain && (
        <div data-chain={chain.ok ? 'whole' : 'broken'}>
          <p className={`flex items-center gap-2 font-semibold ${chain.ok ? 'text-yes' : 'text-no'}`}>
            <Icon name={chain.ok ? 'seal' : 'warn'} /> {chain.ok ? 'The chain was whole' : 'The chain was broken'}
          </p>
          <p className="text-sm text-soft">
            when <Name id={chain.verified_by} /> verified it, <Time at={chain.verified_at} />.
          </p>
        </div>
      )}
    </Panel>
  );
}
