import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { queries } from '../../api/queries.ts';
import type { CreatedEndpointView, EndpointView } from '../../api/types.ts';
import { Note, Stamp } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Facts, PageHead, Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { Time } from '../../components/time.tsx';
import { Name } from '../../names.tsx';
import { useTitle } from '../../title.ts';
import { useMay, useSlug } from '../../workspace.tsx';
import { Deliveries } from './deliveries.tsx';
import { SecretOnce } from './secret-once.tsx';
import { WebhookDialog } from './webhook-dialog.tsx';

/** One webhook: where it leads, and what was sent there. */
export function WebhookPage(): ReactNode {
  const { id } = useParams({ from: '/w/$slug/settings/webhooks/$id' });
  const webhook = useQuery(queries.webhook(useSlug(), id));
  return <Loaded query={webhook}>{(data) => <Webhook key={data.id} webhook={data} />}</Loaded>;
}

type Open = 'edit' | 'rotate' | 'disable' | 'delete';

function Webhook({ webhook }: { webhook: EndpointView }): ReactNode {
  useTitle('Settings: Webhook');
  const may = useMay();
  const [open, setOpen] = useState<Open | null>(null);
  const [made, setMade] = useState<CreatedEndpointView | null>(null);
  const close = (): void => setOpen(null);
  const { id, url, status } = webhook;
  const ping = useChange(() => ({ path: `/v1/webhooks/${id}/ping`, method: 'POST' }), {
    families: ['webhooks'],
    said: 'A test event is on its way.',
  });
  const enable = useChange(() => ({ path: `/v1/webhooks/${id}`, method: 'PATCH', body: { status: 'enabled' } }), {
    families: ['webhooks'],
    said: 'The webhook is enabled.',
  });
  return (
    <>
      <PageHead
        title={<SafeText text={url} />}
        aside={
          may('webhooks.manage') && (
            <>
              <Button busy={ping.isPending} onClick={() => ping.mutate()}>
                Send a test
              </Button>
              <Button onClick={() => setOpen('edit')}>Change…</Button>
              <Button onClick={() => setOpen('rotate')}>New secret…</Button>
              {status === 'enabled' ? (
                <Button onClick={() => setOpen('disable')}>Disable…</Button>
              ) : (
                <Button busy={enable.isPending} onClick={() => enable.mutate()}>
                  Enable
                </Button>
              )}
              <Button kind="no" onClick={() => setOpen('delete')}>
                Delete…
              </Button>
            </>
          )
        }
      >
        <Stamp state={status} /> <SafeText text={webhook.description} />
      </PageHead>
      <div className="grid items-start gap-6">
        <ProblemNote problem={ping.error ?? enable.error} />
        <Trouble webhook={webhook} />
        <Panel title="Where it leads">
          <Facts
            items={[
              ['Told of', webhook.events.join(', ')],
              ['On its way', `${webhook.pending}`],
              [
                'Last arrived',
                webhook.last_success_at ? <Time key="last" at={webhook.last_success_at} /> : 'nothing yet',
              ],
              [
                'Secret',
                webhook.old_secret_until === null ? (
                  'one signs'
                ) : (
                  <span key="secret">
                    the one before signs, too, until <Time at={webhook.old_secret_until} />
                  </span>
                ),
              ],
              [
                'Made',
                <span key="made">
                  <Time at={webhook.created_at} /> by <Name id={webhook.created_by} />
                </span>,
              ],
              [
                'Id',
                <code key="id" className="font-mono text-xs break-all">
                  {id}
                </code>,
              ],
            ]}
          />
        </Panel>
        <Deliveries webhook={webhook} />
      </div>
      {open === 'edit' && <WebhookDialog webhook={webhook} onClose={close} />}
      {open === 'rotate' && <Rotate webhook={webhook} onClose={close} onMade={setMade} />}
      {open === 'disable' && <Disable webhook={webhook} onClose={close} />}
      {open === 'delete' && <Delete webhook={webhook} onClose={close} />}
      {made && <SecretOnce made={made} onClose={() => setMade(null)} />}
    </>
  );
}

function Trouble({ webhook: { status, disabled_because, failing_since, missed } }: { webhook: EndpointView }) {
  return (
    <>
      {disabled_because === 'gone' && (
        <Note tone="care" title="The receiver answered 410: it wants to hear nothing more.">
          Enable the webhook again once it does.
        </Note>
      )}
      {disabled_because === 'failing' && (
        <Note tone="bad" title="Every attempt failed for five days, so it was disabled.">
          What happened since is told when you enable it and send it again by hand.
        </Note>
      )}
      {status === 'enabled' && failing_since && (
        <Note tone="care" title="Nothing arrives at present.">
          Every attempt has failed since <Time at={failing_since} />. After five days it is disabled.
        </Note>
      )}
      {missed > 0 && (
        <Note tone="bad" title={`${missed} events were left out`}>
          because 20,000 were waiting already. The audit log has them.
        </Note>
      )}
    </>
  );
}

type Dialog = { readonly webhook: EndpointView; readonly onClose: () => void };

function Rotate({ webhook, onClose, onMade }: Dialog & { onMade: (made: CreatedEndpointView) => void }): ReactNode {
  const { id, version } = webhook;
  const rotate = useChange<void, CreatedEndpointView>(
    () => ({ path: `/v1/webhooks/${id}/rotate-secret`, method: 'POST', version }),
    {
      families: ['webhooks'],
      said: null,
      done(made) {
        onClose();
        onMade(made);
      },
    },
  );
  return (
    <Confirm
      title="Give it a new secret"
      submit="Make a new secret"
      busy={rotate.isPending}
      problem={rotate.error}
      onClose={onClose}
      onConfirm={() => rotate.mutate()}
    >
      Requests are signed with both for 24 hours, and with the new one alone from then on.
    </Confirm>
  );
}

function Disable({ webhook: { id }, onClose }: Dialog): ReactNode {
  const disable = useChange(() => ({ path: `/v1/webhooks/${id}`, method: 'PATCH', body: { status: 'disabled' } }), {
    families: ['webhooks'],
    said: 'The webhook is disabled.',
    done: onClose,
  });
  return (
    <Confirm
      title="Disable the webhook"
      submit="Disable"
      busy={disable.isPending}
      problem={disable.error}
      onClose={onClose}
      onConfirm={() => disable.mutate()}
    >
      It is told of nothing until it is enabled again. What is on its way is cancelled.
    </Confirm>
  );
}

function Delete({ webhook: { id }, onClose }: Dialog): ReactNode {
  const slug = useSlug();
  const navigate = useNavigate();
  const remove = useChange(() => ({ path: `/v1/webhooks/${id}`, method: 'DELETE' }), {
    families: ['webhooks'],
    said: 'The webhook is deleted.',
    done: () => void navigate({ to: '/w/$slug/settings/webhooks', params: { slug } }),
  });
  return (
    <Confirm
      title="Delete the webhook"
      submit="Delete for good"
      busy={remove.isPending}
      problem={remove.error}
      onClose={onClose}
      onConfirm={() => remove.mutate()}
    >
      Its secret and the list of what was sent go with it. This cannot be undone.
    </Confirm>
  );
}
