import { type ReactNode, useState } from 'react';
import type { CreatedEndpointView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Checkbox } from '../../components/field.tsx';
import { Snippet } from '../../components/snippet.tsx';

/** The secret that signs, this once. It is kept nowhere on this page. */
export function SecretOnce({ made, onClose }: { made: CreatedEndpointView; onClose: () => void }): ReactNode {
  const [kept, setKept] = useState(false);
  return (
    <Dialog open onClose={() => kept && onClose()} title="The signing secret" wide>
      <div className="grid gap-4">
        <Note tone="care" title="It is shown only now.">
          The receiver checks with it that a request comes from here.
          {made.old_secret_until !== null && ' The old one signs beside it for a day.'}
        </Note>
        <Snippet label="Secret" text={made.secret} />
        <Snippet
          label="Checked in JavaScript"
          text={
            "import { Webhook } from 'standardwebhooks';\n\n" +
            'const event = new Webhook(process.env.COUNTERSIGN_SECRET).verify(rawBody, headers);'
          }
        />
        <Checkbox label="I have kept the secret" checked={kept} onChange={(event) => setKept(event.target.checked)} />
        <div className="flex justify-end">
          <Button kind="primary" disabled={!kept} onClick={onClose}>
            Done
          </Button>
        </div>
      </div>
    </Dialog>
  );
}
