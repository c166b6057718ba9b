import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { ApiProblem } from '../../api/http.ts';
import { queries } from '../../api/queries.ts';
import type { WorkspaceView } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Facts, PageHead, Panel } from '../../components/panel.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { duration } from '../../components/time.tsx';
import { useAnnounce } from '../../shell/announce.tsx';
import { useTitle } from '../../title.ts';
import { useHere, useMay } from '../../workspace.tsx';

/** The workspace itself. */
export function Settings(): ReactNode {
  useTitle('Settings: General');
  const { workspace } = useHere();
  const may = useMay();
  const current = useQuery(queries.workspace(workspace.slug));
  return (
    <>
      <PageHead title="General">
        {!may('workspace.update') && `As ${workspace.role} you see it; owners and admins change it.`}
      </PageHead>
      <div className="grid items-start gap-6">
        <Panel title="Workspace">
          <Loaded query={current} rows={2}>
            {(data) => (
              <div className="grid gap-4">
                {may('workspace.update') && <WorkspaceForm key={data.name} data={data} />}
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
      </div>
    </>
  );
}

function WorkspaceForm({ data }: { data: WorkspaceView }): ReactNode {
  const announce = useAnnounce();
  const [name, setName] = useState(data.name);
  const [minutes, setMinutes] = useState(String(data.approval_ttl_seconds / 60));
  const save = useChange(
    () => ({
      path: '/v1/workspaces/current',
      method: 'PATCH',
      body: { name, approval_ttl_seconds: Math.round(Number(minutes) * 60) },
    }),
    {
      families: ['workspace'],
      done: () => announce('Saved.'),
    },
  );
  const about = (field: string): string | undefined =>
    save.error instanceof ApiProblem ? save.error.about(field) : undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} noValidate className="grid max-w-2xl gap-4 sm:grid-cols-2">
      <TextField
        label="Name"
        maxLength={80}
        value={name}
        error={about('name')}
        onChange={(event) => setName(event.target.value)}
      />
      <TextField
        label="Approvals wait (minutes)"
        type="number"
        min={1}
        hint="From one minute to a week. After that they expire."
        value={minutes}
        error={about('approval_ttl_seconds')}
        onChange={(event) => setMinutes(event.target.value)}
      />
      <div className="grid gap-3 sm:col-span-2">
        <ProblemNote problem={save.error} />
        <div className="flex items-center gap-3">
          <Button type="submit" kind="primary" busy={save.isPending}>
            Save
          </Button>
          {save.isSuccess && <span className="text-sm text-soft">Saved.</span>}
        </div>
      </div>
    </form>
  );
}
