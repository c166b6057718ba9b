import type { Verb } from '../../identity/verb.ts';
import { newId } from '../../kernel/ids.ts';
import { audit } from '../../ledger/audit.ts';
import { clientState, findClient } from './read.ts';
import type { ClientView, CreateClientInput } from './schemas.ts';

/** Registers an external agent. It may call nothing until something is granted to it. The acting member owns it. */
export async function createClient({ tx, actor }: Verb, input: CreateClientInput): Promise<ClientView> {
  const id = newId('icl');
  await tx.db
    .insertInto('integration_clients')
    .values({ tenant_id: tx.tenantId, id, owner_user_id: actor.id, ...input })
    .execute();
  const client = (await findClient(tx, id))!;
  await audit(tx, {
    event_type: 'client.created',
    actor,
    resource: { kind: 'client', id },
    outcome: 'created',
    after_state: clientState(client),
  });
  return client;
}
