import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { queries } from '../../api/queries.ts';
import type { CreatedEndpointView, EndpointView } from '../../api/types.ts';
import { Note, Stamp } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ConfirmChange } from '../../components/confirm.tsx';
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
      {open !== null && open !== 'edit' && <AskFirst open={open} webhook={webhook} onClose={close} onMade={setMade} />}
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

type Asked = Exclude<Open, 'edit'>;

/** What is asked before something is done to a webhook that cannot be taken back at once. */
function AskFirst({
  open,
  webhook: { id, version },
  onClose,
  onMade,
}: Dialog & { open: Asked; onMade: (made: CreatedEndpointView) => void }): ReactNode {
  const slug = useSlug();
  const navigate = useNavigate();
  const path = `/v1/webhooks/${id}`;
  const ask = {
    rotate: {
      title: 'Give it a new secret',
      submit: 'Make a new secret',
      change: { path: `${path}/rotate-secret`, method: 'POST', version },
      said: null,
      done(made: CreatedEndpointView): void {
        onClose();
        onMade(made);
      },
      children: 'Requests are signed with both for 24 hours, and with the new one alone from then on.',
    },
    disable: {
      title: 'Disable the webhook',
      submit: 'Disable',
      change: { path, method: 'PATCH', body: { status: 'disabled' } },
      said: 'The webhook is disabled.',
      done: onClose,
      children: 'It is told of nothing until it is enabled again. What is on its way is cancelled.',
    },
    delete: {
      title: 'Delete the webhook',
      submit: 'Delete for good',
      change: { path, method: 'DELETE' },
      said: 'The webhook is deleted.',
      done: () => void navigate({ to: '/w/$slug/settings/webhooks', params: { slug } }),
      children: 'Its secret and the list of what was sent go with it. This cannot be undone.',
    },
  } as const;
  return <ConfirmChange<CreatedEndpointView> {...ask[open]} families={['webhooks']} onClose={onClose} />;
}
