import { edit } from '../../identity/change.ts';
import type { Verb } from '../../identity/verb.ts';
import { isRefused, type Problem, problem } from '../../kernel/codes.ts';
import { uuidToId } from '../../kernel/ids.ts';
import type { TenantTx } from '../../store/store.ts';
import type { EgressExceptions } from '../../upstream/egress-exceptions.ts';
import { refuseUrl } from '../../upstream/refuse-url.ts';
import { dropKept, writeKept } from '../secrets.ts';

/** The name under which the address of a workspace's channel is kept: whoever has it can post there. */
export const SLACK_ID = 'slack';

type SlackView = { readonly configured: boolean; readonly number: number };

/** Whether a workspace has a channel, and the number that its next address gets. */
export async function slackOf({ db, tenantId }: TenantTx): Promise<SlackView> {
  const row = await db
    .selectFrom('notify_secrets')
    .select('number')
    .where('tenant_id', '=', tenantId)
    .where('secret_id', '=', SLACK_ID)
    .orderBy('number', 'desc')
    .executeTakeFirst();
  return { configured: row !== undefined, number: row?.number ?? 0 };
}

/** Why nothing may be posted to an address; undefined where this workspace may. */
export function slackUrlProblem(url: string, tenantId: string, exceptions: EgressExceptions): Problem | undefined {
  const fault = refuseUrl('url', url, tenantId, exceptions)?.message;
  return fault === undefined
    ? undefined
    : problem('invalid_request', `url: ${fault}`, [{ field: 'url', message: fault }]);
}

/** Keeps the address, sealed under `number`, or forgets it. */
export async function writeSlack(
  ctx: Verb,
  next: { readonly number: number; readonly sealed: string } | null,
): Promise<{ readonly configured: boolean } | Problem> {
  const { tx } = ctx;
  const written = await edit(ctx, {
    read: () => slackOf(tx),
    async update(before) {
      if (next === null) {
        if (!before.configured) return 'unchanged';
        await dropKept(tx, SLACK_ID);
        return undefined;
      }
      if (before.number + 1 !== next.number) return problem('version_mismatch');
      // What was before it is used no more.
      await writeKept(tx, { secret_id: SLACK_ID, ...next }, tx.at);
      return undefined;
    },
    event: {
      type: 'settings.updated',
      kind: 'workspace',
      id: uuidToId('org', tx.tenantId),
      data: ({ configured }) => ({ setting: 'slack', configured }),
    },
  });
  return isRefused(written) ? written : { configured: written.configured };
}
