import { expect } from 'vitest';
import { expireApprovals } from '../../src/governance/approvals/expire.ts';
import type { Reply, Send } from '../support/gate.ts';
import type { PersonName } from '../support/people.ts';
import { type BenchClient, type BenchTool, made, type Workbench } from '../support/workbench.ts';
import type { Approver, HeldPolicy, Role, Scope, Sender, Status } from './reference.ts';

export type Held = { readonly id: string; readonly executionId: string; readonly sha256: string };

const RIGHT = { text: 'What was approved' };
const WRONG = { text: 'What was approved!' };
const OTHER_HASH = '0'.repeat(64);

/** The gate as one run of the model sees it: a client, another client, one tool, one grant each. */
export class System {
  readonly bench: Workbench;
  readonly client: BenchClient;
  readonly other: BenchClient;
  readonly tool: BenchTool;
  grantId: string;
  /** Every switch that was flipped. */
  readonly switchIds: string[] = [];
  readonly #switches = new Map<Scope, string>();
  /** People whose role was changed; all of them were admins. */
  readonly #changed = new Set<PersonName>();
  readonly approvals: Held[] = [];
  readonly tokens: { readonly id: string; readonly token: string }[];

  private constructor(
    bench: Workbench,
    own: { client: BenchClient; other: BenchClient; tool: BenchTool; grantId: string },
  ) {
    this.bench = bench;
    this.client = own.client;
    this.other = own.other;
    this.tool = own.tool;
    this.grantId = own.grantId;
    this.tokens = [{ id: own.client.tokenId, token: own.client.token }];
  }

  static async open(bench: Workbench): Promise<System> {
    const client = await bench.newClient();
    const other = await bench.newClient();
    const tool = await bench.newTool();
    const grantId = await bench.newGrant(client.id, tool.name, 'approve', ['member']);
    await bench.newGrant(other.id, tool.name, 'approve');
    return new System(bench, { client, other, tool, grantId });
  }

  async request(executeOnApproval: boolean): Promise<string> {
    const body = { tool: this.tool.name, arguments: RIGHT, execute_on_approval: executeOnApproval };
    const reply = await this.#send('own')('POST', '/api/agent/gateway', body);
    if (reply.status === 202) {
      const { approval_id, execution_id, payload_sha256 } = reply.body;
      this.approvals.push({ id: approval_id, executionId: execution_id, sha256: payload_sha256 });
    }
    return saidBy(reply);
  }

  async decide(index: number, by: PersonName, decision: 'granted' | 'denied', rightHash: boolean): Promise<string> {
    const { id, sha256 } = this.approvals[index]!;
    const body = { decision, payload_sha256: rightHash ? sha256 : OTHER_HASH, reason: 'The model says so' };
    return saidBy(await this.bench.people[by]('POST', `/v1/approvals/${id}/decisions`, body));
  }

  async cancel(index: number, by: Sender): Promise<string> {
    return saidBy(await this.#send(by)('DELETE', `/v1/approvals/${this.approvals[index]!.id}`));
  }

  async consume(index: number, by: Sender, rightPayload: boolean): Promise<string> {
    const body = {
      tool: this.tool.name,
      arguments: rightPayload ? RIGHT : WRONG,
      approval_id: this.approvals[index]!.id,
    };
    return saidBy(await this.#send(by)('POST', '/api/agent/gateway', body));
  }

  async flip(scope: Scope): Promise<void> {
    const id = { workspace: undefined, tool: this.tool.id, client: this.client.id }[scope];
    const reply = await this.bench.people.owner('POST', '/v1/kill-switches', { scope, id, reason: 'The model' });
    if (reply.status === 409) return;
    const { id: switchId } = made(reply);
    this.#switches.set(scope, switchId);
    this.switchIds.push(switchId);
  }

  async lift(scope: Scope): Promise<void> {
    const id = this.#switches.get(scope);
    this.#switches.delete(scope);
    if (id !== undefined) made(await this.bench.people.owner('DELETE', `/v1/kill-switches/${id}`));
  }

  /** The hash of what the tool is now. */
  async definition(): Promise<string> {
    return made(await this.bench.people.owner('GET', `/v1/tools/${this.tool.id}`)).definition_sha256;
  }

  /** Changes what the tool is: its definition gets another hash. */
  async editTool(definition: number): Promise<void> {
    const handler_config = { method: 'POST', path: '/ok', timeout_ms: 10_000 + definition };
    made(await this.bench.people.owner('PATCH', `/v1/tools/${this.tool.id}`, { handler_config }));
  }

  async editPolicy(policy: HeldPolicy, by: PersonName): Promise<void> {
    const reply = await this.bench.people[by]('PATCH', this.#grantPath(), { policy });
    // When many act at once, somebody may have taken it back.
    if (reply.status !== 404) made(reply);
  }

  async editApprovers(approvers: readonly Approver[]): Promise<void> {
    const approver_user_ids = approvers.map((name) => this.bench.userIds[name]);
    const reply = await this.bench.people.owner('PATCH', this.#grantPath(), { approver_user_ids });
    if (reply.status !== 404) made(reply);
  }

  /** Takes the grant back; who comes second finds it gone. */
  async removeGrant(): Promise<void> {
    const reply = await this.bench.people.owner('DELETE', this.#grantPath());
    if (reply.status !== 404) made(reply);
  }

  async grantAnew(policy: HeldPolicy): Promise<void> {
    this.grantId = await this.bench.newGrant(this.client.id, this.tool.name, policy);
  }

  async setRole(person: PersonName, role: Role): Promise<void> {
    made(await this.bench.people.owner('PATCH', `/v1/members/${this.bench.userIds[person]}`, { role }));
    this.#changed.add(person);
  }

  /** How many votes the card of an approval counts. */
  async votes(index: number): Promise<number> {
    return made(await this.bench.people.owner('GET', `/v1/approvals/${this.approvals[index]!.id}`)).votes;
  }

  #grantPath(): string {
    return `/v1/clients/${this.client.id}/grants/${this.grantId}`;
  }

  async newToken(): Promise<void> {
    this.tokens.push(await this.bench.newToken(this.client.id));
  }

  async revokeToken(): Promise<void> {
    const path = `/v1/clients/${this.client.id}/tokens/${this.tokens.at(-1)!.id}`;
    made(await this.bench.people.owner('DELETE', path));
  }

  /** Moves the approval's end to now, unless it has been used or decided against: as if time had passed. */
  async runOut(index: number): Promise<void> {
    await this.bench.sql(
      `update approvals set expires_at = clock_timestamp() where id = $1 and status in ('pending', 'approved')`,
      [this.approvals[index]!.id],
    );
  }

  /** What every node does in the background, now. */
  async sweep(): Promise<void> {
    const { store, gateway } = this.bench.gate.running.app;
    await expireApprovals(store);
    await gateway.sweep();
  }

  async status(index: number): Promise<Status> {
    return (await this.#row(index)).status;
  }

  /** Waits until the gateway has made the call of an approval by itself, or has been refused. */
  async attempted(index: number): Promise<void> {
    const ended = async (): Promise<string> => (await this.#row(index)).execution;
    await expect.poll(ended, { interval: 5, timeout: 15_000 }).toMatch(/^(executed|denied)$/);
  }

  async #row(index: number): Promise<{ status: Status; execution: string }> {
    await this.bench.gate.sequenced();
    const [row] = await this.bench.sql<{ status: Status; execution: string }>(
      `select a.status, e.status as execution
       from approvals a join agent_execution_logs e on e.tenant_id = a.tenant_id and e.id = a.execution_id
       where a.tenant_id = $1 and a.id = $2`,
      [this.bench.gate.tenantId, this.approvals[index]!.id],
    );
    return row!;
  }

  #send(by: Sender): Send {
    return by === 'other' ? this.other.send : this.bench.gate.client(this.tokens.at(-1)!.token);
  }

  /** Lifts what this run has flipped, and gives people their roles back. */
  async close(): Promise<void> {
    for (const person of this.#changed) await this.setRole(person, 'admin');
    for (const scope of [...this.#switches.keys()]) await this.lift(scope);
  }
}

/** An answer in one word: the state it names, or the refusal's code. */
function saidBy({ status, body }: Reply): string {
  return status < 300 ? body.status : body.code;
}
