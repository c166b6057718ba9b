import { make } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { DEFAULT_POLICY, isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { newId } from '../../kernel/ids.ts';
import { findClient } from '../clients/read.ts';
import { fieldProblem } from '../config-check.ts';
import { findTool, findToolByName } from '../tools/read.ts';
import { refusedApprovers } from './approvers.ts';
import { findGrant, grantState } from './read.ts';
import { type CheckRules, keepRules, NO_RULES } from './rules.ts';
import type { ChangedGrantView, CreateGrantInput } from './schemas.ts';
import { warningsOf } from './warnings.ts';

/** Lets a client call a tool. Without a policy of its own, the grant gets the one of the tool's effect. `check` understands rules. */
export async function createGrant(
  ctx: Verb,
  { clientId, ...input }: CreateGrantInput & { readonly clientId: string },
  check: CheckRules = NO_RULES,
): Promise<ChangedGrantView | Problem> {
  const { tx, actor } = ctx;
  const id = newId('grt');
  const grant = await make(ctx, {
    read: () => findGrant(tx, clientId, id),
    async make() {
      const client = await findClient(tx, clientId);
      if (client === undefined) return problem('not_found');
      if (client.status === 'revoked') return problem('conflict', 'The client has been revoked.');
      const tool = input.tool === undefined ? await findTool(tx, input.tool_id!) : await findToolByName(tx, input.tool);
      if (tool === undefined || tool.status === 'archived') {
        return fieldProblem(input.tool === undefined ? 'tool_id' : 'tool', 'there is no such tool in this workspace');
      }
      const refused = await refusedApprovers(tx, input.approver_user_ids);
      if (refused) return refused;
      const rules = keepRules(input.rules ?? [], tool.input_schema, [], check);
      if (isRefused(rules)) return rules;
      const inserted = await tx.db
        .insertInto('grants')
        .values({
          tenant_id: tx.tenantId,
          id,
          client_id: clientId,
          tool_id: tool.id,
          policy: input.policy ?? DEFAULT_POLICY[tool.effect],
          approver_user_ids: input.approver_user_ids,
          rules: JSON.stringify(rules),
          justification_required: input.justification_required ?? false,
          updated_by: actor.id,
        })
        .onConflict((conflict) => conflict.columns(['tenant_id', 'client_id', 'tool_id']).doNothing())
        .returning('id')
        .executeTakeFirst();
      if (inserted !== undefined) return undefined;
      return problem('conflict', `${tool.name} is granted to this client already. Edit that grant.`);
    },
    event: { type: 'policy.updated', kind: 'grant', id, outcome: 'granted', state: grantState },
  });
  return isRefused(grant) ? grant : { ...grant, warnings: warningsOf(grant.effect, grant.policy) };
}
