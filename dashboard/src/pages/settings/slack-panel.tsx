import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { ApiProblem } from '../../api/http.ts';
import { queries } from '../../api/queries.ts';
import { Button } from '../../components/button.tsx';
import { TextField } from '../../components/field.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { useMay, useSlug } from '../../workspace.tsx';

/** The channel that approvals are posted to. Its address is written here and read by nobody. */
export function SlackPanel(): ReactNode {
  const settings = useQuery(queries.notices(useSlug()));
  const may = useMay();
  return (
    <Panel title="Channel for approvals">
      <Loaded query={settings} rows={1}>
        {({ channels: { slack } }) => (
          <div className="grid max-w-2xl gap-4">
            <p className="text-soft">
              {slack
                ? 'Every approval is posted to the channel, with who asks, what for and how long there is.'
                : 'None. With the incoming webhook of a channel in Slack or Mattermost, approvals are posted there.'}
            </p>
            {may('workspace.update') && <Change configured={slack} />}
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function Change({ configured }: { configured: boolean }): ReactNode {
  const [url, setUrl] = useState('');
  const write = useChange(() => ({ path: '/v1/notices/slack', method: 'PUT', body: { url } }), {
    families: ['notices'],
    said: 'Approvals are posted there from now on.',
    done: () => setUrl(''),
  });
  const remove = useChange(() => ({ path: '/v1/notices/slack', method: 'DELETE' }), {
    families: ['notices'],
    said: 'Approvals are posted to no channel.',
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    write.mutate();
  };
  return (
    <form onSubmit={submit} noValidate className="grid gap-3">
      <TextField
        label={configured ? 'Another incoming webhook' : 'Incoming webhook'}
        type="password"
        hint="Such as https://hooks.slack.com/services/… It is kept encrypted and shown to nobody again."
        value={url}
        error={write.error instanceof ApiProblem ? write.error.about('url') : undefined}
        onChange={(event) => setUrl(event.target.value)}
      />
      <ProblemNote problem={write.error ?? remove.error} shown={['url']} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary" busy={write.isPending} disabled={url === ''}>
          Keep it
        </Button>
        {configured && (
          <Button kind="no" busy={remove.isPending} onClick={() => remove.mutate()}>
            Post there no more
          </Button>
        )}
      </div>
    </form>
  );
}
