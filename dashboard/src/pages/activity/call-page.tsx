import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { DOORS } from '../../../../src/kernel/doors.ts';
import { queries } from '../../api/queries.ts';
import type { ExecutionDetail } from '../../api/types.ts';
import { EffectBadge, PolicyBadge, Stamp } from '../../components/badge.tsx';
import { Icon } from '../../components/icon.tsx';
import { LabelList } from '../../components/label-list.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Facts } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { CopyButton } from '../../components/snippet.tsx';
import { useSlug } from '../../workspace.tsx';
import { took } from './activity.tsx';
import { CallAudit } from './call-audit.tsx';
import { CallStory } from './call-story.tsx';

/** One call: everything that is known about it, from asking to the last audit entry. */
export function CallPage(): ReactNode {
  const slug = useSlug();
  const { id } = useParams({ from: '/w/$slug/activity/$id' });
  const filters = useSearch({ from: '/w/$slug/activity' });
  const call = useQuery(queries.call(slug, id));
  return (
    <aside
      aria-label="Call"
      className="xl:sticky xl:top-[calc(var(--bar)+1.5rem)] xl:max-h-[calc(100dvh-var(--bar)-3rem)] xl:overflow-y-auto"
    >
      <Link
        to="/w/$slug/activity"
        params={{ slug }}
        search={filters}
        className="mb-2 inline-flex min-h-11 items-center gap-1 font-semibold text-accent xl:hidden"
      >
        <Icon name="back" /> Activity
      </Link>
      <div className="rounded-doc border border-rule bg-sheet shadow-sheet">
        <Loaded query={call}>{(data) => <Call call={data} />}</Loaded>
      </div>
    </aside>
  );
}

/** What the call says of itself beside its arguments, and what its run has read. */
function aboutOf(call: ExecutionDetail): (readonly [string, ReactNode])[] {
  const { run_id: run, on_behalf_of: whom, run_labels: labels } = call;
  return [
    ['Run', run === null ? 'none named' : <RunLink key="run" run={run} />],
    ...(labels.length > 0 ? [['Labels on it now', <LabelList key="labels" labels={labels} />] as const] : []),
    ...(whom === null ? [] : [['On behalf of', <SafeText key="whom" text={whom} />] as const]),
  ];
}

function RunLink({ run }: { run: string }): ReactNode {
  return (
    <Link
      to="/w/$slug/activity"
      params={{ slug: useSlug() }}
      search={{ run_id: run }}
      className="inline-block min-h-6 wrap-anywhere text-accent underline"
    >
      <SafeText text={run} />
    </Link>
  );
}

function Call({ call }: { call: ExecutionDetail }): ReactNode {
  const slug = useSlug();
  return (
    <div className="grid gap-5 px-4 py-4 sm:px-6">
      <header className="double-rule flex items-start justify-between gap-4 pb-3">
        <div className="min-w-0">
          <p className="caps">Tool call</p>
          <h1 className="text-xl break-words">
            <SafeText text={call.tool} />
          </h1>
          <p className="mt-1 flex items-center gap-2">
            <Stamp state={call.status} /> <span className="text-sm text-soft">{took(call.duration_ms)}</span>
          </p>
        </div>
        <Link
          to="/w/$slug/activity"
          params={{ slug }}
          search={(before) => before}
          aria-label="Close the call"
          className="hidden size-9 place-items-center rounded-doc hover:bg-accent-wash xl:grid"
        >
          <Icon name="cross" />
        </Link>
      </header>
      <CallStory call={call} />
      <section aria-labelledby="call-facts">
        <h2 id="call-facts" className="caps mb-2">
          Facts
        </h2>
        <Facts
          items={[
            [
              'Caller',
              <SafeText
                key="who"
                text={`${call.principal.kind} ${call.principal.name ?? ''} (${call.principal.id})`}
              />,
            ],
            ['Effect', <EffectBadge key="effect" effect={call.effect} />],
            ['Policy', <PolicyBadge key="policy" policy={call.policy} />],
            ['Came by', DOORS[call.via]],
            ...aboutOf(call),
            [
              'Call',
              <code key="id" className="font-mono text-xs break-all">
                {call.id}
              </code>,
            ],
            ...(call.payload_sha256
              ? ([
                  [
                    'SHA-256',
                    <code key="hash" className="font-mono text-xs break-all">
                      {call.payload_sha256}
                    </code>,
                  ],
                ] as const)
              : []),
          ]}
        />
        <div className="mt-3">
          <CopyButton label="Copy the call's id" text={call.id} />
        </div>
      </section>
      <CallAudit call={call} />
    </div>
  );
}
