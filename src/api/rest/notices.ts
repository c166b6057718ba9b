import { z } from 'zod';
import { visibleAmong } from '../../governance/approvals/visible.ts';
import { isRefused, problem } from '../../kernel/codes.ts';
import { addSubscription, endSubscriptions } from '../../notify/notices/push-subscriptions.ts';
import {
  choicesInput,
  noticeSettings,
  pushSubscriptionInput,
  slackInput,
  timelineView,
} from '../../notify/notices/schemas.ts';
import { chooseMine, readMine } from '../../notify/notices/settings.ts';
import { SLACK_ID, slackOf, slackUrlProblem, writeSlack } from '../../notify/notices/slack-url.ts';
import { noteOpened, readTimeline } from '../../notify/notices/timeline.ts';
import { sealKept } from '../../notify/secrets.ts';
import type { TenantTx } from '../../store/store.ts';
import { type Caller, openRoute, type Route, route } from '../route.ts';
import { bodyOf } from './answers.ts';
import { viewerOf } from './approvals.ts';

const tag = 'Notices';
const onlyPeople = () => problem('forbidden', 'People are told.');
const configured = z.object({ configured: z.boolean() });

async function sees(tx: TenantTx, caller: Caller, id: string): Promise<boolean> {
  return (await visibleAmong(tx, viewerOf(caller), [id])).has(id);
}

export const noticeRoutes: Route[] = [
  openRoute({
    method: 'get',
    path: '/v1/notices',
    summary: 'By which ways you can be told of approvals, and which of them you chose',
    tag,
    permission: 'approvals.read',
    response: { status: 200, schema: noticeSettings },
    async open({ app, look }) {
      const public_key = await app.push.publicKey();
      const email = app.settings.COUNTERSIGN_SMTP_URL !== undefined;
      const read = await look(async (tx, caller) => {
        if (caller.kind !== 'member') return onlyPeople();
        const { configured: slack } = await slackOf(tx);
        return { channels: { email, slack, push: { public_key } }, mine: await readMine(tx, caller.userId) };
      });
      return bodyOf(read);
    },
  }),
  route({
    method: 'patch',
    path: '/v1/notices/mine',
    summary: 'Choose by which ways you are told in this workspace',
    tag,
    permission: 'approvals.read',
    body: choicesInput,
    lock: 'none',
    response: { status: 200, schema: noticeSettings.shape.mine },
    async handle({ tx, caller, body }) {
      if (caller.kind !== 'member') return onlyPeople();
      return { body: await chooseMine({ tx, actor: caller.actor }, caller.userId, body) };
    },
  }),
  route({
    method: 'post',
    path: '/v1/notices/push-subscriptions',
    summary: 'Have notices shown on this browser, as long as this sign-in lasts',
    tag,
    permission: 'approvals.read',
    body: pushSubscriptionInput,
    lock: 'none',
    response: { status: 201, schema: noticeSettings.shape.mine },
    async handle({ app, tx, caller, body }) {
      if (caller.kind !== 'member') return onlyPeople();
      const refused = await addSubscription({ tx, actor: caller.actor }, caller, body, app.egress);
      return refused ?? { body: await readMine(tx, caller.userId) };
    },
  }),
  route({
    method: 'delete',
    path: '/v1/notices/push-subscriptions',
    summary: 'Show no notices on one browser any more, or on none',
    tag,
    permission: 'approvals.read',
    query: z.strictObject({ endpoint: z.string().max(2_048).optional().describe('Left out: every one.') }),
    lock: 'none',
    response: { status: 204 },
    async handle({ tx, caller, query }) {
      if (caller.kind !== 'member') return onlyPeople();
      await endSubscriptions({ tx, actor: caller.actor }, caller.userId, query.endpoint);
      return {};
    },
  }),
  // Encrypting may ask a key service, which no transaction waits for.
  openRoute({
    method: 'put',
    path: '/v1/notices/slack',
    summary: 'Have approvals posted to a channel by its incoming webhook; the address is never readable again',
    tag,
    permission: 'workspace.update',
    body: slackInput,
    response: { status: 200, schema: configured },
    async open({ app, tenantId, body, look, transact }) {
      const refused = slackUrlProblem(body.url, tenantId, app.egress);
      if (refused) return refused;
      const before = await look((tx) => slackOf(tx));
      if (isRefused(before)) return before;
      const number = before.number + 1;
      const sealed = await sealKept(app.vault, tenantId, SLACK_ID, number, body.url);
      return bodyOf(await transact((tx, { actor }) => writeSlack({ tx, actor }, { number, sealed })));
    },
  }),
  route({
    method: 'delete',
    path: '/v1/notices/slack',
    summary: 'Post approvals to the channel no more',
    tag,
    permission: 'workspace.update',
    response: { status: 200, schema: configured },
    handle: async ({ tx, caller }) => bodyOf(await writeSlack({ tx, actor: caller.actor }, null)),
  }),
  route({
    method: 'post',
    path: '/v1/approvals/{id}/opened',
    summary: 'Note that you have an approval before you',
    tag: 'Approvals',
    permission: 'approvals.read',
    params: { id: 'approval' },
    lock: 'none',
    response: { status: 204 },
    async handle({ tx, caller, params }) {
      if (caller.kind !== 'member') return onlyPeople();
      if (!(await sees(tx, caller, params.id!))) return problem('not_found');
      await noteOpened(tx, caller.actor, params.id!);
      return {};
    },
  }),
  route({
    method: 'get',
    path: '/v1/approvals/{id}/timeline',
    summary: 'Who was told of an approval and how, and who opened it',
    tag: 'Approvals',
    permission: 'approvals.read',
    params: { id: 'approval' },
    response: { status: 200, schema: timelineView },
    async handle({ tx, caller, params }) {
      if (!(await sees(tx, caller, params.id!))) return problem('not_found');
      return { body: await readTimeline(tx, params.id!) };
    },
  }),
];
