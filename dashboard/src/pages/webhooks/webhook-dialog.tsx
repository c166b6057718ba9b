import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { ApiProblem } from '../../api/http.ts';
import type { CreatedEndpointView, EndpointView } from '../../api/types.ts';
import { FormDialog } from '../../components/dialog.tsx';
import { TextArea, TextField } from '../../components/field.tsx';
import { ProblemNote } from '../../components/states.tsx';

type Props = {
  /** The one that is changed; left out, a new one is made. */
  readonly webhook?: EndpointView;
  readonly onClose: () => void;
  readonly onMade?: (made: CreatedEndpointView) => void;
};

/** Where events are sent, and which. */
export function WebhookDialog({ webhook, onClose, onMade }: Props): ReactNode {
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [events, setEvents] = useState(webhook?.events.join(', ') ?? 'approval.*, execution.*');
  const [description, setDescription] = useState(webhook?.description ?? '');
  const save = useChange<void, CreatedEndpointView>(
    () => ({
      path: webhook ? `/v1/webhooks/${webhook.id}` : '/v1/webhooks',
      method: webhook ? 'PATCH' : 'POST',
      ...(webhook && { version: webhook.version }),
      body: { url, description, events: events.split(/[\s,]+/).filter((event) => event !== '') },
    }),
    {
      families: ['webhooks'],
      said: webhook ? 'The webhook is changed.' : null,
      done: (made) => (webhook ? onClose() : onMade?.(made)),
    },
  );
  const about = (field: string): string | undefined =>
    save.error instanceof ApiProblem ? save.error.about(field) : undefined;
  return (
    <FormDialog
      open
      onClose={onClose}
      title={webhook ? 'Change the webhook' : 'New webhook'}
      submit={webhook ? 'Save' : 'Make'}
      busy={save.isPending}
      ready={url.trim() !== '' && events.trim() !== ''}
      problem={<ProblemNote problem={save.error} shown={['url', 'events', 'description']} />}
      onSubmit={() => save.mutate()}
    >
      <TextField
        label="Address"
        type="url"
        required
        maxLength={2048}
        hint="Such as https://example.com/hooks/countersign. People can read it, so it must hold no secret."
        value={url}
        error={about('url')}
        onChange={(event) => setUrl(event.target.value)}
      />
      <TextArea
        label="Told of"
        required
        hint="Events such as approval.granted, families such as approval.*, or * for all; several with commas."
        value={events}
        error={about('events')}
        onChange={(event) => setEvents(event.target.value)}
      />
      <TextField
        label="Description"
        maxLength={500}
        value={description}
        error={about('description')}
        onChange={(event) => setDescription(event.target.value)}
      />
    </FormDialog>
  );
}
