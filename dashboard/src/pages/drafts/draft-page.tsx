import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { query } from '../../api/http.ts';
import { queries } from '../../api/queries.ts';
import type { DraftDetail } from '../../api/types.ts';
import { EffectBadge, Note, Stamp } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { FormDialog } from '../../components/dialog.tsx';
import { TextArea } from '../../components/field.tsx';
import { Loaded } from '../../components/loaded.tsx';
import { Facts, PageHead, Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { Countdown, Time } from '../../components/time.tsx';
import { Name } from '../../names.tsx';
import { SuspicionNote } from '../../payload/payload.tsx';
import { Structured } from '../../payload/structured.tsx';
import { useTitle } from '../../title.ts';
import { useMay, useSlug } from '../../workspace.tsx';
import { EditDraft } from './edit-draft.tsx';

/** One draft: what it would do, and the ways out of it. */
export function DraftPage(): ReactNode {
  const slug = useSlug();
  const { id } = useParams({ from: '/w/$slug/drafts/$id' });
  const draft = useQuery(queries.draft(slug, id));
  return <Loaded query={draft}>{(data) => <Draft key={`${data.id} ${data.version}`} draft={data} />}</Loaded>;
}

type Published = { readonly status: string; readonly execution_id?: string; readonly approval_id?: string };

function Draft({ draft }: { draft: DraftDetail }): ReactNode {
  useTitle(`Draft: ${draft.summary}`);
  const slug = useSlug();
  const may = useMay();
  const navigate = useNavigate();
  const [open, setOpen] = useState<'edit' | 'discard' | null>(null);
  const publish = useChange<void, Published>(
    () => ({ path: `/v1/drafts/${draft.id}/publish`, method: 'POST', version: draft.version }),
    {
      families: ['drafts', 'calls', 'approvals'],
      said: ({ status }) => (status === 'pending_approval' ? 'Published. It waits for approval.' : 'Published.'),
      done: ({ execution_id, approval_id }) => {
        if (approval_id !== undefined)
          void navigate({ to: '/w/$slug/inbox/$id', params: { slug, id: approval_id }, search: {} });
        else if (execution_id !== undefined)
          void navigate({ to: '/w/$slug/activity/$id', params: { slug, id: execution_id }, search: {} });
      },
    },
  );
  const isOpen = draft.status === 'open';
  return (
    <>
      <PageHead
        title={<SafeText text={draft.summary} />}
        aside={
          isOpen &&
          may('drafts.publish') && (
            <>
              <Button onClick={() => setOpen('edit')}>Edit…</Button>
              <Button kind="no" onClick={() => setOpen('discard')}>
                Discard…
              </Button>
              <Button kind="primary" busy={publish.isPending} onClick={() => publish.mutate()}>
                Publish
              </Button>
            </>
          )
        }
      >
        <Stamp state={draft.status} /> <EffectBadge effect={draft.tool.effect} /> {draft.tool.name}
      </PageHead>
      <ProblemNote problem={publish.error} />
      <div className="grid items-start gap-6">
        {draft.sentence !== null && isOpen && (
          <Note title="If it is published">
            <SafeText text={draft.sentence} />
          </Note>
        )}
        <SuspicionNote value={draft.arguments} />
        {draft.justification !== null && (
          <Note title={`${draft.client.name} wrote, and nobody has checked it`}>
            <SafeText text={draft.justification} />
          </Note>
        )}
        <Panel title="What would be sent">
          <Structured value={draft.arguments} />
        </Panel>
        <Panel title="The draft">
          <Facts
            items={[
              ['Drafted by', <SafeText key="client" text={draft.client.name} />],
              ['Drafted', <Time key="at" at={draft.created_at} />],
              ...(draft.edited_by !== null
                ? [
                    [
                      'Edited by',
                      <span key="edited">
                        <Name id={draft.edited_by} />, <Time at={draft.edited_at!} />
                      </span>,
                    ] as const,
                  ]
                : []),
              ...(isOpen
                ? [['Removed if nobody publishes it', <Countdown key="until" until={draft.expires_at} />] as const]
                : [
                    [
                      draft.status === 'published' ? 'Published by' : 'Discarded by',
                      <span key="ended">
                        {draft.ended_by && <Name id={draft.ended_by} />}, <Time at={draft.ended_at!} />
                      </span>,
                    ] as const,
                  ]),
              ...(draft.end_reason !== null
                ? [['Reason', <SafeText key="reason" text={draft.end_reason} />] as const]
                : []),
              ...(draft.execution_id !== null
                ? [
                    [
                      'Its call',
                      <Link
                        key="call"
                        to="/w/$slug/activity/$id"
                        params={{ slug, id: draft.execution_id }}
                        search={{}}
                        className="font-semibold text-accent hover:underline"
                      >
                        See what came of it
                      </Link>,
                    ] as const,
                  ]
                : []),
              [
                'Id',
                <code key="id" className="font-mono text-xs break-all">
                  {draft.id}
                </code>,
              ],
            ]}
          />
        </Panel>
      </div>
      {open === 'edit' && <EditDraft draft={draft} onClose={() => setOpen(null)} />}
      {open === 'discard' && <DiscardDraft draft={draft} onClose={() => setOpen(null)} />}
    </>
  );
}

function DiscardDraft({ draft, onClose }: { draft: DraftDetail; onClose: () => void }): ReactNode {
  const [reason, setReason] = useState('');
  const discard = useChange<string>(
    (why) => ({
      path: `/v1/drafts/${draft.id}${query({ reason: why || undefined })}`,
      method: 'DELETE',
      version: draft.version,
    }),
    { families: ['drafts'], said: 'Discarded. Nothing was sent.', done: onClose },
  );
  return (
    <FormDialog
      open
      onClose={onClose}
      title="Discard this draft?"
      submit="Discard"
      kind="no"
      busy={discard.isPending}
      problem={<ProblemNote problem={discard.error} />}
      onSubmit={() => discard.mutate(reason.trim())}
    >
      <TextArea
        label="Why (optional)"
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  );
}
