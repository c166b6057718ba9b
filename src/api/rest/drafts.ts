import { z } from 'zod';
import { describePinned } from '../../governance/approvals/describe-call.ts';
import { discardDraft, editDraft } from '../../governance/drafts/change.ts';
import { findDraft, listDrafts } from '../../governance/drafts/read.ts';
import {
  discardQuery,
  draftDetail,
  draftView,
  editDraftInput,
  listDraftsQuery,
} from '../../governance/drafts/schemas.ts';
import { isRefused, problem } from '../../kernel/codes.ts';
import { pageSchema } from '../../kernel/page.ts';
import { type JsonObject, parseStrict } from '../../kernel/strict-json.ts';
import type { TenantTx } from '../../store/store.ts';
import { type Caller, openRoute, type Route, route } from '../route.ts';
import { spliced } from '../wire.ts';
import { nothingOf } from './answers.ts';
import { memberCall } from './member-call.ts';

const tag = 'Drafts';
const params = { id: 'draft' } as const;
const clientOf = (caller: Caller): string | undefined => (caller.kind === 'client' ? caller.clientId : undefined);

export const draftRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/drafts',
    summary: 'Calls of draft-only clients that wait to be published, and those that did',
    tag,
    permission: 'drafts.read',
    clients: true,
    query: listDraftsQuery,
    response: { status: 200, schema: pageSchema(draftView) },
    handle: async ({ tx, caller, query }) => ({ body: await listDrafts(tx, query, clientOf(caller)) }),
  }),
  route({
    method: 'get',
    path: '/v1/drafts/{id}',
    summary: 'One draft with its arguments',
    tag,
    permission: 'drafts.read',
    clients: true,
    params,
    response: { status: 200, schema: draftDetail },
    handle: async ({ tx, caller, params }) => shown(tx, params.id!, clientOf(caller)),
  }),
  route({
    method: 'patch',
    path: '/v1/drafts/{id}',
    summary: 'Write other arguments into an open draft',
    tag,
    permission: 'drafts.publish',
    lock: 'none',
    params,
    body: editDraftInput,
    response: { status: 200, schema: draftDetail },
    async handle({ tx, caller, params, body, ifVersion }) {
      const args = body.arguments as JsonObject;
      const said = await editDraft({ tx, actor: caller.actor }, { id: params.id!, ifVersion, args });
      return isRefused(said) ? said : shown(tx, params.id!);
    },
  }),
  openRoute({
    method: 'post',
    path: '/v1/drafts/{id}/publish',
    summary: 'Make the call of a draft, as whoever publishes it; its policy applies',
    tag,
    permission: 'drafts.publish',
    params,
    response: { status: 200, schema: z.looseObject({ status: z.string() }) },
    async open({ app, tenantId, caller, params, ifVersion, request, look }) {
      if (caller.kind !== 'member') return problem('forbidden', 'People publish drafts.');
      const found = await look(async (tx) => (await findDraft(tx, params.id!)) ?? problem('not_found'));
      if (isRefused(found)) return found;
      if (found.status !== 'open') return problem('conflict', `The draft has been ${found.status} already.`);
      if (ifVersion !== undefined && ifVersion !== found.version) {
        return problem('version_mismatch', 'The draft was edited meanwhile. Read it again, then publish it.');
      }
      const args = parseStrict(found.argumentsText);
      if (!args.ok) throw new Error(`The arguments of ${found.id} are unreadable`);
      const { justification, run_id: runId, on_behalf_of: onBehalfOf } = found;
      return memberCall(
        { app, tenantId, caller, request },
        {
          via: 'draft',
          toolName: found.tool.name,
          arguments: args.value as JsonObject,
          argumentsCanonical: Buffer.from(found.argumentsText),
          draft: { id: found.id, version: found.version },
          ...(justification !== null && { justification }),
          ...(runId !== null && { runId }),
          ...(onBehalfOf !== null && { onBehalfOf }),
        },
      );
    },
  }),
  route({
    method: 'delete',
    path: '/v1/drafts/{id}',
    summary: 'Discard an open draft',
    tag,
    permission: 'drafts.publish',
    lock: 'none',
    params,
    query: discardQuery,
    response: { status: 204 },
    handle: async ({ tx, caller, params, query, ifVersion }) =>
      nothingOf(
        await discardDraft(
          { tx, actor: caller.actor },
          { id: params.id!, ifVersion, reason: query.reason || undefined },
        ),
      ),
  }),
];

async function shown(tx: TenantTx, id: string, clientId?: string) {
  const found = await findDraft(tx, id, clientId);
  if (found === undefined) return problem('not_found');
  const { argumentsText, ...view } = found;
  const args = parseStrict(argumentsText);
  const tool = await tx.db
    .selectFrom('tools')
    .select('input_schema')
    .where('tenant_id', '=', tx.tenantId)
    .where('id', '=', view.tool.id)
    .executeTakeFirstOrThrow();
  const call = args.ok ? await describePinned(tx, view.tool.id, view.summary, args.value as JsonObject) : null;
  const rest = { ...view, sentence: call?.sentence ?? null, input_schema: tool.input_schema };
  return { json: spliced(rest, { arguments: argumentsText }), etag: view.version };
}
