import type { ReactNode } from 'react';
import type { CreatedEndpointView } from '../../api/types.ts';
import { Once } from '../../components/once.tsx';
import { Snippet } from '../../components/snippet.tsx';

/** The secret that signs, this once. */
export function SecretOnce({ made, onClose }: { made: CreatedEndpointView; onClose: () => void }): ReactNode {
  const isBeside = made.old_secret_until !== null;
  return (
    <Once
      title="The signing secret"
      what="secret"
      about={`The receiver checks with it that a request comes from here.${isBeside ? ' The old one signs beside it for a day.' : ''}`}
      onClose={onClose}
    >
      <Snippet label="Secret" text={made.secret} />
      <Snippet
        label="Checked in JavaScript"
        text={
          "import { Webhook } from 'standardwebhooks';\n\n" +
          'const event = new Webhook(process.env.COUNTERSIGN_SECRET).verify(rawBody, headers);'
        }
      />
    </Once>
  );
}
