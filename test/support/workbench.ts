import pg from 'pg';
import type { Logger } from 'pino';
import type { Effect, Policy } from '../../src/kernel/codes.ts';
import type { EngineName } from './engines.ts';
import { type Gate, type Reply, type Send, startGate } from './gate.ts';
import { PEOPLE, type PersonName } from './people.ts';
import { QUEUED } from './queued.ts';
import { type StubUpstream, startStubUpstream } from './stub-upstream.ts';
import { asSuperuser, type Query } from './superuser.ts';

export type BenchClient = {
  readonly id: string;
  readonly tokenId: string;
  readonly token: string;
  readonly send: Send;
};
export type BenchTool = { readonly id: string; readonly name: string };

/** An audit entry as it is hashed. */
export type Entry = {
  readonly at: string;
  readonly event_type: string;
  readonly actor: { readonly kind: string; readonly id: string };
  readonly resource: { readonly kind: string; readonly id: string };
  readonly outcome: string;
  readonly payload_sha256?: string;
  readonly before_state?: unknown;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the entry says
  readonly after_state?: any;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the entry says
  readonly data?: any;
};

/** A gate with a stub for its upstream, its people signed in, and short ways to make what a test needs, over HTTP. */
export type Workbench = {
  readonly gate: Gate;
  readonly stub: StubUpstream;
  readonly people: Readonly<Record<PersonName, Send>>;
  readonly userIds: Readonly<Record<PersonName, string>>;
  /** The connector that leads to the stub. */
  readonly connectorId: string;
  /** Runs one statement as the database's superuser, past row level security. */
  readonly sql: Query;
  newClient(fields?: { draft_only?: boolean; rpm_limit?: number; trusted_run_ids?: boolean }): Promise<BenchClient>;
  newToken(clientId: string): Promise<{ readonly id: string; readonly token: string }>;
  /** A tool that takes `{text}` and posts it to a path of the stub. `fields` replace parts of it. */
  newTool(
    path?: string,
    fields?: { effect?: Effect; connector_id?: string; [field: string]: unknown },
  ): Promise<BenchTool>;
  newGrant(
    clientId: string,
    tool: string,
    policy: Policy,
    approvers?: readonly PersonName[],
    more?: { rules?: readonly object[]; justification_required?: boolean },
  ): Promise<string>;
  newConnector(baseUrl: string): Promise<string>;
  /** Audit entries of the demo workspace in the order of its chain, sequenced or not yet, narrowed by ids. */
  entries(narrow?: { resources?: readonly string[]; actor?: string }): Promise<Entry[]>;
  close(): Promise<void>;
};

export async function openWorkbench(
  engine: EngineName,
  env: Record<string, string> = {},
  log?: Logger,
  /** Egress exceptions besides the stub's, as the setting writes them. */
  exceptions = '',
): Promise<Workbench> {
  const stub = await startStubUpstream();
  const gate = await startGate(
    engine,
    { COUNTERSIGN_EGRESS_ALLOW: `${new URL(stub.url).host} ${exceptions}`, ...env },
    log,
  );
  const people: Record<PersonName, Send> = {
    owner: await gate.person('owner'),
    admin: await gate.person('admin'),
    second_admin: await gate.person('admin', 1),
    member: await gate.person('member'),
    viewer: await gate.person('viewer'),
  };
  const userIds = Object.fromEntries(
    await Promise.all(PEOPLE.map(async (name) => [name, made(await people[name]('GET', '/v1/me')).user.id] as const)),
  ) as Record<PersonName, string>;
  const superuser = gate.databaseUrl === undefined ? undefined : new pg.Client({ connectionString: gate.databaseUrl });
  await superuser?.connect();
  const sql: Query = async (text, values) =>
    superuser === undefined
      ? asSuperuser(gate, (query) => query(text, values))
      : (await superuser.query(text, values)).rows;
  let count = 0;
  const nth = (): number => {
    count += 1;
    return count;
  };

  const newConnector = async (baseUrl: string): Promise<string> => {
    const name = `connector ${nth()}`;
    const bodyOf = (base_url: string) => ({ name, kind: 'http', config: { base_url } });
    const entered = await people.owner('POST', '/v1/connectors', bodyOf(baseUrl));
    if (entered.status !== 422) return made(entered).id;
    // One that may not be entered is left behind where an operator takes an exception back.
    const { id } = made(await people.owner('POST', '/v1/connectors', bodyOf('https://upstream.example')));
    const config = JSON.stringify({ base_url: baseUrl });
    await sql('update connectors set config = $2 where id = $1', [id, config]);
    return id;
  };
  const connectorId = await newConnector(stub.url);
  const newToken = async (clientId: string) =>
    made(await people.owner('POST', `/v1/clients/${clientId}/tokens`, { name: 'made for a test' }));

  return {
    gate,
    stub,
    people,
    userIds,
    connectorId,
    sql,
    newConnector,
    newToken,
    async newClient(fields = {}) {
      const { id } = made(
        await people.owner('POST', '/v1/clients', { name: `client ${nth()}`, rpm_limit: 0, ...fields }),
      );
      const { id: tokenId, token } = await newToken(id);
      return { id, tokenId, token, send: gate.client(token) };
    },
    async newTool(path = '/ok', fields = {}) {
      const { id, name } = made(
        await people.owner('POST', '/v1/tools', {
          name: `made.tool_${nth()}`,
          effect: 'write',
          input_schema: {
            type: 'object',
            required: ['text'],
            additionalProperties: false,
            properties: { text: { type: 'string', maxLength: 10_000 } },
          },
          connector_id: connectorId,
          handler_kind: 'http',
          handler_config: { method: 'POST', path },
          ...fields,
        }),
      );
      return { id, name };
    },
    async newGrant(clientId, tool, policy, approvers = [], more = {}) {
      const body = { tool, policy, approver_user_ids: approvers.map((name) => userIds[name]), ...more };
      return made(await people.owner('POST', `/v1/clients/${clientId}/grants`, body)).id;
    },
    async entries({ resources, actor } = {}) {
      const rows = await sql<{ entry: string }>(
        `select entry from (
           select 0 as part, seq as id, 0 as place, tenant_id, resource_id, actor_id, entry from audit_log
           union all
           select 1, queued.* from (${QUEUED}) queued
         ) chain
         where tenant_id = $1 and ($2::text[] is null or resource_id = any($2)) and ($3::text is null or actor_id = $3)
         order by part, id, place`,
        [gate.tenantId, resources ?? null, actor ?? null],
      );
      return rows.map(({ entry }) => JSON.parse(entry) as Entry);
    },
    async close() {
      stub.release();
      await superuser?.end();
      await gate.close();
      await stub.close();
    },
  };
}

/** The body of an answer that must be a yes. */
// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever the wire says
export function made(reply: Reply): any {
  if (reply.status >= 300) throw new Error(`${reply.status} ${reply.text}`);
  return reply.body;
}
