import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ask } from '../../api/http.ts';
import { queries } from '../../api/queries.ts';
import type { NoticeSettings } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/field.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { useToast } from '../../shell/announce.tsx';
import { useHere } from '../../workspace.tsx';
import { canSubscribe, subscribe, unsubscribe } from './push-subscribe.ts';

/** By which ways one is told of what waits for one's decision in this workspace. */
export function MyNotices(): ReactNode {
  const { workspace } = useHere();
  const settings = useQuery(queries.notices(workspace.slug));
  return (
    <Panel title="How you are told">
      <Loaded query={settings} rows={2}>
        {(data) => <Choices settings={data} />}
      </Loaded>
    </Panel>
  );
}

function Choices({ settings: { channels, mine } }: { settings: NoticeSettings }): ReactNode {
  const { workspace, me } = useHere();
  const toast = useToast();
  const queryClient = useQueryClient();
  const { slug } = workspace;
  const again = () => queryClient.invalidateQueries({ queryKey: queries.notices(slug).queryKey });
  const choose = useMutation({
    networkMode: 'always',
    mutationFn: (body: { email?: boolean; push?: boolean }) =>
      ask('/v1/notices/mine', { method: 'PATCH', body, workspace: slug }),
    onSuccess: () => toast('It is kept.'),
    onSettled: again,
  });
  const show = useMutation({
    networkMode: 'always',
    mutationFn: () => subscribe(slug, me.user.id, channels.push.public_key),
    onSuccess: () => toast('This browser shows notices from now on.'),
    onSettled: again,
  });
  const end = useMutation({
    networkMode: 'always',
    mutationFn: () => unsubscribe(slug),
    onSuccess: () => toast('No browser shows notices any more.'),
    onSettled: again,
  });
  return (
    <div className="grid gap-4">
      <p className="text-soft">
        When a call waits for your decision in {workspace.name}, and again at half and at nine tenths of its time.
      </p>
      <Checkbox
        label="By e-mail"
        hint={channels.email ? `To ${me.user.email}.` : 'Whoever runs this installation has not set up e-mail.'}
        checked={channels.email && mine.email}
        disabled={!channels.email || choose.isPending}
        onChange={(event) => choose.mutate({ email: event.target.checked })}
      />
      <Checkbox
        label="On your browsers and phones"
        hint={
          mine.browsers === 0
            ? 'None shows notices yet. Add this one below; on an iPhone, add the page to the home screen first.'
            : `${mine.browsers === 1 ? 'One shows' : `${mine.browsers} show`} them.`
        }
        checked={mine.push && mine.browsers > 0}
        disabled={mine.browsers === 0 || choose.isPending}
        onChange={(event) => choose.mutate({ push: event.target.checked })}
      />
      <div className="flex flex-wrap gap-2">
        <Button busy={show.isPending} disabled={!canSubscribe()} onClick={() => show.mutate()}>
          Show notices on this browser
        </Button>
        {mine.browsers > 0 && (
          <Button kind="no" busy={end.isPending} onClick={() => end.mutate()}>
            Show them nowhere
          </Button>
        )}
      </div>
      {!canSubscribe() && (
        <p className="text-sm text-soft">This browser shows none here: they need HTTPS, or this machine itself.</p>
      )}
      {mine.browsers > 0 && (
        <p className="text-sm text-soft">
          A browser shows them as long as you are signed in there, and again when you sign in again.
        </p>
      )}
      <p className="text-sm text-soft">
        {channels.slack ? 'The workspace posts to its channel, too.' : 'The workspace has no channel that it posts to.'}
      </p>
      <ProblemNote problem={choose.error ?? show.error ?? end.error} />
    </div>
  );
}
