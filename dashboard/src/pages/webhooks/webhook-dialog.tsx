import type { ReactNode } from 'react';
import { useSave } from '../../api/change.ts';
import type { CreatedEndpointView, EndpointView } from '../../api/types.ts';
import { FormDialog } from '../../components/dialog.tsx';
import { DraftNote, useDraft } from '../../components/draft.tsx';
import { TextArea, TextField } from '../../components/field.tsx';
import { ProblemNote } from '../../components/states.tsx';

type Props = {
  /** The one that is changed; left out, a new one is made. */
  readonly webhook?: EndpointView;
  readonly onClose: () => void;
  readonly onMade?: (made: CreatedEndpointView) => void;
};

const WORDS = { url: 'Address', events: 'Told of', description: 'Description' };

function pick(webhook: EndpointView | undefined) {
  return {
    url: webhook?.url ?? '',
    events: webhook?.events.join(', ') ?? 'approval.*, execution.*',
    description: webhook?.description ?? '',
  };
}

/** Where events are sent, and which. */
export function WebhookDialog({ webhook, onClose, onMade }: Props): ReactNode {
  const draft = useDraft(webhook, pick);
  const { url, events, description } = draft.values;
  const { save, about } = useSave<CreatedEndpointView>('/v1/webhooks', {
    record: webhook,
    version: draft.version,
    body: () => ({ url, description, events: events.split(/[\s,]+/).filter((event) => event !== '') }),
    families: ['webhooks'],
    said: webhook ? 'The webhook is changed.' : null,
    done: (made) => (webhook ? onClose() : onMade?.(made)),
  });
  return (
    <FormDialog
      open
      onClose={onClose}
      title={webhook ? 'Change the webhook' : 'New webhook'}
      submit={webhook ? 'Save' : 'Make'}
      busy={save.isPending}
      ready={url.trim() !== '' && events.trim() !== '' && draft.isSettled}
      problem={
        <>
          <DraftNote draft={draft} words={WORDS} />
          <ProblemNote problem={save.error} shown={['url', 'events', 'description']} />
        </>
      }
      onSubmit={() => save.mutate()}
    >
      <TextField
        label={WORDS.url}
        type="url"
        required
        maxLength={2048}
        hint="Such as https://example.com/hooks/countersign. People can read it, so it must hold no secret."
        value={url}
        error={about('url')}
        onChange={(event) => draft.set({ url: event.target.value })}
      />
      <TextArea
        label={WORDS.events}
        required
        hint="Events such as approval.granted, families such as approval.*, or * for all; several with commas."
        value={events}
        error={about('events')}
        onChange={(event) => draft.set({ events: event.target.value })}
      />
      <TextField
        label={WORDS.description}
        maxLength={500}
        value={description}
        error={about('description')}
        onChange={(event) => draft.set({ description: event.target.value })}
      />
    </FormDialog>
  );
}
