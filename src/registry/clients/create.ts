import { make } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import type { Problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { clientState, findClient } from './read.ts';
import type { ClientView, CreateClientInput } from './schemas.ts';

/** Registers an external agent. It may call nothing until something is granted to it. The acting member owns it. */
export function createClient(ctx: Verb, input: CreateClientInput): Promise<ClientView | Problem> {
  const { tx, actor } = ctx;
  const id = newId('icl');
  return make(ctx, {
    read: () => findClient(tx, id),
    make: async () => {
      await tx.db
        .insertInto('integration_clients')
        .values({ tenant_id: tx.tenantId, id, owner_user_id: actor.id, ...input })
        .execute();
      return undefined;
    },
    event: { type: 'client.created', kind: 'client', id, state: clientState },
  });
}
