import { expect } from 'vitest';
import type { Reply, Send } from '../support/gate.ts';
import { type BenchClient, type BenchTool, type Entry, made, type Workbench } from '../support/workbench.ts';
import type { Action, Case, Expected } from './case-file.ts';
import type { Door } from './doors.ts';

const OTHER_HASH = '0'.repeat(64);
const UNKNOWN_TOKEN = `cs_live_unknown0_${'A'.repeat(43)}`;

type Held = { readonly approvalId: string; readonly executionId: string; readonly sha256: string };
type Of<Key extends keyof Action> = NonNullable<Action[Key]>;

/** Plays a case through a door of a gate and holds what comes of it against what the case says. */
export async function play(bench: Workbench, door: Door, one: Case): Promise<void> {
  const stage = await Stage.set(bench, door, one);
  const called = bench.stub.arrivals.length;
  let before: Entry[] = [];
  try {
    for (const [index, step] of one.steps.entries()) {
      if (index === one.steps.length - 1) before = await caused(bench);
      const { answer, ...action } = step;
      const reply = await stage.take(action);
      if (answer !== undefined) expectAnswer(reply, answer, stage.held);
      else if (reply !== undefined) made(reply);
    }
    expect((await caused(bench)).slice(before.length)).toEqual(one.audit.map(pattern));
    if (one.execution !== undefined) expect((await stage.newestCall()) ?? null).toEqual(pattern(one.execution));
    if (one.held !== undefined) expect(await stage.heldCall()).toEqual(pattern(one.held));
    if (one.approval !== undefined) expect(await stage.approvalStatus()).toBe(one.approval);
    expect(bench.stub.arrivals.length - called).toBe(one.upstream_calls);
  } finally {
    await stage.clear();
  }
}

/** What people and clients did; the background work of the gate is not part of a case. */
async function caused(bench: Workbench): Promise<Entry[]> {
  return (await bench.entries()).filter(({ actor }) => actor.kind !== 'system');
}

function expectAnswer(reply: Reply | undefined, { status, body, headers }: Expected, held: Held | undefined): void {
  if (reply === undefined) throw new Error('This step has no answer to check');
  const expected = body.approval_id === 'held' ? { ...body, approval_id: held?.approvalId } : body;
  expect({ status: reply.status, body: reply.body }).toEqual({ status, body: pattern(expected) });
  for (const [name, value] of Object.entries(headers)) expect(reply.headers.get(name), name).toEqual(pattern(value));
  expect(reply.headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{26}$/);
  if (status < 400) return;
  expect(reply.headers.get('content-type')).toBe('application/problem+json');
  const { code } = reply.body;
  expect(reply.body).toMatchObject({
    type: `/docs/refusals#${code}`,
    status,
    title: expect.any(String),
    detail: expect.any(String),
    request_id: reply.headers.get('x-request-id'),
  });
}

/** An expectation of a case file: objects match in part, a string between slashes is a regular expression. */
function pattern(expected: unknown): unknown {
  if (typeof expected === 'string') {
    const regexp = /^\/(.*)\/$/s.exec(expected)?.[1];
    return regexp === undefined ? expected : expect.stringMatching(new RegExp(regexp));
  }
  if (Array.isArray(expected)) return expected.map(pattern);
  if (typeof expected !== 'object' || expected === null) return expected;
  const fields = Object.entries(expected).map(([key, value]) => [key, pattern(value)]);
  return expect.objectContaining(Object.fromEntries(fields));
}

/** What a case has of its own, and what happens to it. */
class Stage {
  held: Held | undefined;
  #draftId: string | undefined;
  readonly #bench: Workbench;
  readonly #door: Door;
  readonly #client: BenchClient;
  readonly #tool: BenchTool;
  readonly #connectorId: string;
  readonly #grantId: string | undefined;
  readonly #switches = new Map<string, string>();
  readonly #hanging: Promise<Reply>[] = [];
  readonly #other: BenchClient | undefined;
  #foreign: Promise<string> | undefined;

  private constructor(
    bench: Workbench,
    door: Door,
    own: {
      client: BenchClient;
      other: BenchClient | undefined;
      tool: BenchTool;
      connectorId: string;
      grantId: string | undefined;
    },
  ) {
    this.#bench = bench;
    this.#door = door;
    this.#client = own.client;
    this.#other = own.other;
    this.#tool = own.tool;
    this.#connectorId = own.connectorId;
    this.#grantId = own.grantId;
  }

  static async set(bench: Workbench, door: Door, one: Case): Promise<Stage> {
    const { client: fields, tool: given, policy, approvers, justification_required } = one.given;
    const { effect, path, timeout_ms, base_url, labels } = given;
    const client = await bench.newClient(fields);
    const connectorId = base_url === undefined ? bench.connectorId : await bench.newConnector(base_url);
    const handler_config = { method: 'POST', path, ...(timeout_ms !== undefined && { timeout_ms }) };
    const ofTool = { effect, connector_id: connectorId, handler_config, ...(labels && { labels }) };
    const tool = await bench.newTool(path, ofTool);
    const rules = one.given.rules.map(({ requires = [], ...rule }) => ({
      ...rule,
      requires: requires.map(({ tool: of, where }) => ({ tool: of === 'own' ? tool.name : of, where })),
    }));
    const grantId =
      policy === 'none'
        ? undefined
        : await bench.newGrant(client.id, tool.name, policy, approvers, { rules, justification_required });
    const isAskedFor = one.steps.some(({ call, cancel }) => [call?.as, cancel?.as].includes('other_client'));
    const other = isAskedFor ? await bench.newClient() : undefined;
    if (other !== undefined && policy !== 'none') await bench.newGrant(other.id, tool.name, policy);
    return new Stage(bench, door, { client, other, tool, connectorId, grantId });
  }

  /** Does one step. Undefined where nobody is answered. */
  async take(action: Action): Promise<Reply | undefined> {
    const { people, sql, stub } = this.#bench;
    const { owner } = people;
    const client = `/v1/clients/${this.#client.id}`;
    if (action.call) return this.#call(action.call);
    if (action.decide) return this.#decide(action.decide);
    if (action.cancel) {
      const send = this.#sender(action.cancel.as);
      return send('DELETE', `/v1/approvals/${await this.#approvalId(action.cancel.approval)}`);
    }
    if (action.test_tool) {
      const body = { arguments: { text: 'Hello' } };
      return this.#hold(await people[action.test_tool.by]('POST', `/v1/tools/${this.#tool.id}/test`, body));
    }
    if (action.read_approval) {
      const { by, approval, workspace } = action.read_approval;
      const headers: Record<string, string> = workspace === undefined ? {} : { 'countersign-workspace': workspace };
      return people[by]('GET', `/v1/approvals/${await this.#approvalId(approval)}`, undefined, headers);
    }
    if (action.switch_on) return this.#switchOn(action.switch_on);
    if (action.switch_off) return this.#switchOff(action.switch_off);
    if (action.revoke) {
      const paths: Record<Of<'revoke'>, string> = {
        token: `${client}/tokens/${this.#client.tokenId}`,
        client,
        connector: `/v1/connectors/${this.#connectorId}`,
        grant: `${client}/grants/${this.#grantId}`,
      };
      return owner('DELETE', paths[action.revoke]);
    }
    if (action.archive) return owner('DELETE', `/v1/tools/${this.#tool.id}`);
    if (action.edit_tool) return owner('PATCH', `/v1/tools/${this.#tool.id}`, action.edit_tool);
    if (action.edit_grant) {
      const { by, policy, approvers, rules } = action.edit_grant;
      const approver_user_ids = approvers?.map((name) => this.#bench.userIds[name]);
      return people[by]('PATCH', `${client}/grants/${this.#grantId}`, { policy, approver_user_ids, rules });
    }
    if (action.draft_only) return owner('PATCH', client, { draft_only: true });
    const draft = `/v1/drafts/${this.#draftId}`;
    const seen = (version: number | undefined): Record<string, string> =>
      version === undefined ? {} : { 'if-match': `"${version}"` };
    if (action.publish) {
      const { by, version } = action.publish;
      return this.#hold(await people[by]('POST', `${draft}/publish`, undefined, seen(version)));
    }
    if (action.edit_draft) {
      const { by, arguments: args, version } = action.edit_draft;
      return people[by]('PATCH', draft, { arguments: args }, seen(version));
    }
    if (action.discard) {
      const { by, reason } = action.discard;
      return people[by]('DELETE', reason === undefined ? draft : `${draft}?reason=${encodeURIComponent(reason)}`);
    }
    if (action.break_glass) {
      const id = this.#switches.get(action.break_glass);
      return owner('POST', `/v1/kill-switches/${id}/break-glass`, { minutes: 5, reason: 'A case' });
    }
    if (action.glass_over) {
      const past = "glass_until = clock_timestamp() - interval '1 second'";
      await sql(`update kill_switches set ${past} where glass_until is not null`);
      return undefined;
    }
    if (action.grant_anew) {
      await this.#bench.newGrant(this.#client.id, this.#tool.name, action.grant_anew);
      return undefined;
    }
    if (action.runs_out) {
      const [table, id] =
        action.runs_out === 'token' ? ['client_tokens', this.#client.tokenId] : ['approvals', this.held!.approvalId];
      await sql(`update ${table} set expires_at = clock_timestamp() - interval '1 second' where id = $1`, [id]);
      return undefined;
    }
    if (action.audit_inserts) {
      await this.#allowAuditInserts(action.audit_inserts === 'allowed');
      return undefined;
    }
    if (action.release) stub.release();
    return undefined;
  }

  async #call({ as, tool, arguments: args, hangs, ...rest }: Of<'call'>): Promise<Reply | undefined> {
    const send = this.#sender(as);
    const body = rest.raw ?? {
      tool: tool === 'own' ? this.#tool.name : tool,
      arguments: args,
      ...(rest.approval !== undefined && { approval_id: await this.#approvalId(rest.approval) }),
      ...(rest.run_id !== undefined && { run_id: rest.run_id }),
      ...(rest.on_behalf_of !== undefined && { on_behalf_of: rest.on_behalf_of }),
      ...(rest.execute_on_approval !== undefined && { execute_on_approval: rest.execute_on_approval }),
      ...(rest.justification !== undefined && { justification: rest.justification }),
      ...(rest.dry_run !== undefined && { dry_run: rest.dry_run }),
    };
    const headers: Record<string, string> = {
      ...(rest.idempotency_key !== undefined && { 'idempotency-key': rest.idempotency_key }),
      ...(rest.content_type !== undefined && { 'content-type': rest.content_type }),
    };
    const sent = rest.padding === undefined ? body : JSON.stringify(body).padEnd(rest.padding);
    const reply = this.#door.call(send, sent, headers);
    if (!hangs) return this.#hold(await reply);
    this.#hanging.push(reply);
    await this.#bench.stub.hangs();
    return undefined;
  }

  async #decide({ by, decision, reason, approval, hash }: Of<'decide'>): Promise<Reply> {
    return this.#bench.people[by]('POST', `/v1/approvals/${await this.#approvalId(approval)}/decisions`, {
      decision,
      payload_sha256: hash === 'displayed' ? this.held!.sha256 : OTHER_HASH,
      ...(reason !== undefined && { reason }),
    });
  }

  /** Remembers the first call that is held: it is what later steps are about. */
  #hold(reply: Reply): Reply {
    if (reply.status === 202 && reply.body.status === 'draft') this.#draftId ??= reply.body.draft_id;
    else if (reply.status === 202) {
      const { approval_id, execution_id, payload_sha256 } = reply.body;
      this.held ??= { approvalId: approval_id, executionId: execution_id, sha256: payload_sha256 };
    }
    return reply;
  }

  #sender(as: Of<'call'>['as']): Send {
    const { gate } = this.#bench;
    if (as === 'client') return this.#client.send;
    if (as === 'nobody') return gate.anyone;
    if (as === 'unknown_token') return gate.client(UNKNOWN_TOKEN);
    if (as === 'foreign_client') return gate.client(gate.other.clients[0]!.token);
    return this.#other!.send;
  }

  async #approvalId(which: string): Promise<string> {
    if (which === 'held') return this.held!.approvalId;
    if (which !== 'foreign') return which;
    this.#foreign ??= (async () => {
      const { gate } = this.#bench;
      const mail = { to: ['a@example.com'], subject: 'Theirs', body: 'Theirs' };
      const send = gate.client(gate.other.clients[0]!.token);
      return made(await send('POST', '/api/agent/gateway', { tool: 'email.send', arguments: mail })).approval_id;
    })();
    return this.#foreign;
  }

  async #switchOn(scope: Of<'switch_on'>): Promise<Reply> {
    const id = { workspace: undefined, tool: this.#tool.id, client: this.#client.id }[scope];
    const reply = await this.#bench.people.owner('POST', '/v1/kill-switches', { scope, id, reason: 'A case' });
    this.#switches.set(scope, made(reply).id);
    return reply;
  }

  async #switchOff(scope: string): Promise<Reply> {
    const id = this.#switches.get(scope);
    this.#switches.delete(scope);
    return this.#bench.people.owner('DELETE', `/v1/kill-switches/${id}`);
  }

  async #allowAuditInserts(allowed: boolean): Promise<void> {
    const [verb, to] = allowed ? ['grant', 'to'] : ['revoke', 'from'];
    await this.#bench.sql(`${verb} insert on audit_pending ${to} countersign_app`);
    await this.#bench.sql(`${verb} insert on gateway_queue ${to} countersign_system`);
  }

  async newestCall(): Promise<object | undefined> {
    await this.#bench.gate.sequenced();
    const [row] = await this.#bench.sql(
      'select * from agent_execution_logs where principal_id = $1 order by created_at desc, id desc limit 1',
      [this.#client.id],
    );
    return row;
  }

  async heldCall(): Promise<object | undefined> {
    await this.#bench.gate.sequenced();
    const text = 'select * from agent_execution_logs where id = $1';
    return (await this.#bench.sql(text, [this.held!.executionId]))[0];
  }

  async approvalStatus(): Promise<string | undefined> {
    const text = 'select status from approvals where id = $1';
    return (await this.#bench.sql<{ status: string }>(text, [this.held!.approvalId]))[0]?.status;
  }

  /** Leaves nothing that the next case would notice. */
  async clear(): Promise<void> {
    this.#bench.stub.release();
    await Promise.all(this.#hanging);
    await this.#allowAuditInserts(true);
    for (const scope of [...this.#switches.keys()]) await this.#switchOff(scope);
  }
}
