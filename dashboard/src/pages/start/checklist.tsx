import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../../api/queries.ts';
import { Icon } from '../../components/icon.tsx';
import { Panel } from '../../components/panel.tsx';
import { useSlug } from '../../workspace.tsx';

const STEPS = [
  ['connectors', 'connectors', '/v1/connectors', {}, 'A connector: where calls may go'],
  ['tools', 'tools', '/v1/tools', {}, 'A tool: what may be done there'],
  ['clients', 'clients', '/v1/clients', {}, 'A client: who may ask, with a token'],
  ['activity', 'calls', '/v1/executions', {}, 'A call: the agent asks'],
  ['inbox', 'approvals', '/v1/approvals', { status: 'consumed' }, 'An approval: a person said yes'],
] as const;

/** How far a workspace is on its way to the first approved call; null while that is being read. */
export function useFirstSteps(): { readonly done: readonly boolean[]; readonly isComplete: boolean } | null {
  const slug = useSlug();
  const [connectors, tools, clients, calls, approvals] = STEPS.map(([, family, path, filters]) =>
    // biome-ignore lint/correctness/useHookAtTopLevel: the steps are a constant, so these are always the same five
    useQuery(queries.count(slug, family, path, filters)),
  );
  const counts = [connectors, tools, clients, calls, approvals].map((each) => each?.data);
  if (counts.some((count) => count === undefined)) return null;
  const done = counts.map((count) => count! > 0);
  return { done, isComplete: done.every(Boolean) };
}

/** The first minutes as a list that ticks itself. Nothing is shown once all of it is done, or while it is read. */
export function Checklist({ guide = true }: { guide?: boolean }): ReactNode {
  const slug = useSlug();
  const steps = useFirstSteps();
  if (steps === null || steps.isComplete) return null;
  const next = steps.done.indexOf(false);
  return (
    <Panel title="The first minutes">
      <ol aria-label="First steps" className="grid gap-x-6 gap-y-1 sm:grid-cols-2 xl:grid-cols-3">
        {STEPS.map(([page, , , , words], at) => {
          const done = steps.done[at] ?? false;
          return (
            <li key={page} data-step={page} data-done={done} className="flex items-center gap-2">
              <span
                className={`grid size-6 shrink-0 place-items-center rounded-full border ${done ? 'border-yes text-yes' : 'border-edge text-soft'}`}
              >
                {done ? <Icon name="check" size={14} /> : <span aria-hidden="true">{at + 1}</span>}
                <span className="sr-only">{done ? 'Done: ' : at === next ? 'Next: ' : 'To do: '}</span>
              </span>
              <Link
                to={`/w/$slug/${page}` as '/w/$slug/tools'}
                params={{ slug }}
                className={`inline-flex min-h-8 items-center hover:underline ${done ? 'text-soft' : at === next ? 'font-semibold text-accent' : 'text-accent'}`}
              >
                {words}
              </Link>
            </li>
          );
        })}
      </ol>
      {guide && (
        <p className="mt-3">
          <Link
            to="/w/$slug/start"
            params={{ slug }}
            className="inline-flex min-h-8 items-center font-semibold text-accent underline"
          >
            Do all of it on one page
          </Link>
        </p>
      )}
    </Panel>
  );
}
