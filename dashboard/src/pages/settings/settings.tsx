import { useQuery } from '@tanstack/react-query';
import type { FormEvent, ReactNode } from 'react';
import { useChange } from '../../api/change.ts';
import { aboutOf } from '../../api/http.ts';
import { queries } from '../../api/queries.ts';
import type { WorkspaceView } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { LeaveDialog } from '../../components/dialog.tsx';
import { DraftNote, useDraft } from '../../components/draft.tsx';
import { TextField } from '../../components/field.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Facts, PageHead, Panel } from '../../components/panel.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { duration } from '../../components/time.tsx';
import { useUnsaved } from '../../components/unsaved.ts';
import { useTitle } from '../../title.ts';
import { useHere, useMay } from '../../workspace.tsx';
import { SlackPanel } from './slack-panel.tsx';

/** The workspace itself. */
export function Settings(): ReactNode {
  useTitle('Settings: General');
  const { workspace } = useHere();
  const may = useMay();
  const current = useQuery(queries.workspace(workspace.slug));
  return (
    <>
      <PageHead title="General">
        {!may('workspace.update') && `As ${workspace.role} you see them; owners and admins change them.`}
      </PageHead>
      <div className="grid items-start gap-6">
        <Panel title="Workspace">
          <Loaded query={current} rows={2}>
            {(data) => (
              <div className="grid gap-4">
                {may('workspace.update') && <WorkspaceForm data={data} />}
                <Facts
                  items={[
                    ...(may('workspace.update')
                      ? []
                      : ([
                          ['Name', data.name],
                          ['Approvals wait', duration(data.approval_ttl_seconds)],
                        ] as const)),
                    [
                      'Id',
                      <code key="id" className="font-mono text-xs break-all">
                        {data.id}
                      </code>,
                    ],
                  ]}
                />
              </div>
            )}
          </Loaded>
        </Panel>
        <SlackPanel />
      </div>
    </>
  );
}

const WORDS = { name: 'Name', minutes: 'Approvals wait (minutes)' };

function WorkspaceForm({ data }: { data: WorkspaceView }): ReactNode {
  const draft = useDraft(data, pick);
  const { name, minutes } = draft.values;
  const save = useChange<void, WorkspaceView>(
    () => ({
      path: '/v1/workspaces/current',
      method: 'PATCH',
      body: { name, approval_ttl_seconds: Math.round(Number(minutes) * 60) },
    }),
    { families: ['workspace'], said: 'The workspace is saved.', done: (saved) => draft.saved(pick(saved)) },
  );
  const leaving = useUnsaved(draft.isDirty && !save.isPending);
  const about = aboutOf(save.error);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} noValidate className="grid max-w-2xl gap-4 sm:grid-cols-2">
      <TextField
        label={WORDS.name}
        maxLength={80}
        value={name}
        error={about('name')}
        onChange={(event) => draft.set({ name: event.target.value })}
      />
      <TextField
        label={WORDS.minutes}
        type="number"
        min={1}
        hint="From one minute to a week. After that they expire."
        value={minutes}
        error={about('approval_ttl_seconds')}
        onChange={(event) => draft.set({ minutes: event.target.value })}
      />
      <div className="grid gap-3 sm:col-span-2">
        <DraftNote draft={draft} words={WORDS} />
        <ProblemNote problem={save.error} shown={['name', 'approval_ttl_seconds']} />
        <div>
          <Button type="submit" kind="primary" busy={save.isPending} disabled={!draft.isSettled}>
            Save
          </Button>
        </div>
      </div>
      <LeaveDialog leaving={leaving} />
    </form>
  );
}

function pick(data: WorkspaceView | undefined) {
  return { name: data?.name ?? '', minutes: String((data?.approval_ttl_seconds ?? 0) / 60) };
}
