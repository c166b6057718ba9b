import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../../api/queries.ts';
import type { ClientUsageView, ClientView } from '../../api/types.ts';
import { Stamp } from '../../components/badge.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Panel } from '../../components/panel.tsx';
import { useSlug } from '../../workspace.tsx';

type Counts = ClientUsageView['last_24_hours'];

/** What a client did, counted. */
export function Usage({ client }: { client: ClientView }): ReactNode {
  const slug = useSlug();
  const usage = useQuery(queries.usage(slug, client.id));
  return (
    <Loaded query={usage}>
      {({ last_24_hours, last_30_days, rpm_limit }) => (
        <div className="grid gap-6 md:grid-cols-2">
          <Counted title="Last 24 hours" counts={last_24_hours} client={client} />
          <Counted title="Last 30 days" counts={last_30_days} client={client} />
          <p className="text-soft md:col-span-2">
            {rpm_limit === 0 ? 'No limit of calls a minute.' : `At most ${rpm_limit} calls a minute.`}
          </p>
        </div>
      )}
    </Loaded>
  );
}

function Counted({ title, counts, client }: { title: string; counts: Counts; client: ClientView }): ReactNode {
  const slug = useSlug();
  const rows = [
    ...Object.entries(counts.by_status).map(([status, count]) => ({ status, code: undefined, count })),
    ...Object.entries(counts.denied_by_code).map(([code, count]) => ({ status: 'denied', code, count })),
  ];
  return (
    <Panel title={title} aside={<strong className="text-lg">{counts.total} calls</strong>}>
      {rows.length === 0 ? (
        <p className="text-soft">None.</p>
      ) : (
        <ul className="grid gap-1.5">
          {rows.map(({ status, code, count }) => (
            <li key={`${status} ${code}`} className={`flex items-center justify-between gap-4 ${code ? 'pl-6' : ''}`}>
              <Link
                to="/w/$slug/activity"
                params={{ slug }}
                search={{ principal: client.id, status, code }}
                className="inline-flex min-h-6 items-center text-accent hover:underline"
              >
                {code ? <code className="font-mono text-sm">{code}</code> : <Stamp state={status} />}
              </Link>
              <span className={code ? 'text-soft' : 'font-semibold'}>{count}</span>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
