import { type RawBuilder, sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import { may } from '../identity/permissions.ts';
import type { Effect, Policy } from '../kernel/codes.ts';
import { uuidToId } from '../kernel/ids.ts';
import { compileSchema } from '../kernel/json-schema.ts';
import type { Store, TenantTx } from '../store/store.ts';
import type { HandlerKind, KillScope, Role } from '../store/tables.ts';
import type { ArgumentsSchema, Call, Credential, Facts, Tool } from './call.ts';

const CACHED_MAX = 20_000;
const SCHEMAS_MAX = 2_000;
const UNKNOWN_MS = 60_000;

/** A schema that no longer compiles under today's rules lets nothing through. */
const REFUSES_ALL: ArgumentsSchema = {
  validate: () => ({ ok: false, errors: [{ path: '$', message: 'the tool has a schema that is no longer accepted' }] }),
};

function keyOf({ sha256 }: Extract<Credential, { kind: 'token' }>, toolName: string): string {
  return `${sha256} ${toolName}`;
}

/**
 * Reads what a decision rests on, and remembers it per token and tool. What is remembered may be old, and that
 * is safe: every decision, yes or no, is recorded against the version it was made on, in the statement that
 * also reads the workspace's present version. A decision on old facts is never recorded; it is made again on
 * new ones.
 */
export class FactsReader {
  readonly #store: Store;
  readonly #known = new LRUCache<string, Facts>({ max: CACHED_MAX });
  /** Tokens are never forgotten, and nobody can present one before it is made, so both answers keep. */
  readonly #tokens = new LRUCache<string, boolean>({ max: CACHED_MAX, ttl: UNKNOWN_MS, ttlResolution: 100 });
  readonly #schemas = new LRUCache<string, ArgumentsSchema>({ max: SCHEMAS_MAX });

  constructor(store: Store) {
    this.#store = store;
  }

  /**
   * The facts of a call, or undefined when its credential is of no workspace. `anew` skips what is remembered, which
   * is given at once.
   */
  of({ credential, toolName }: Call, anew: boolean): Facts | Promise<Facts | undefined> {
    const known = credential.kind === 'token' && !anew ? this.#known.get(keyOf(credential, toolName)) : undefined;
    return known === undefined ? this.#readNow(credential, toolName) : this.#aged(known);
  }

  async #readNow(credential: Credential, toolName: string): Promise<Facts | undefined> {
    if (credential.kind !== 'token') return this.#read(credential.tenantId, credential, toolName);
    if (credential.sha256 === null) return undefined;
    const token = await this.#findToken(credential.sha256);
    if (token === undefined) return undefined;
    const facts = await this.#read(token.tenantId, { ...token, kind: 'client' }, toolName);
    if (facts === undefined) return undefined;
    this.#known.set(keyOf(credential, toolName), facts);
    return this.#aged(facts);
  }

  #aged(facts: Facts): Facts {
    const { token } = facts;
    if (token?.expiresAt == null || token.expiresAt > this.#store.clock.now()) return facts;
    return { ...facts, token: { ...token, expired: true } };
  }

  /** Whether there is a token with this hash. */
  knows(sha256: string): boolean | Promise<boolean> {
    return (
      this.#tokens.get(sha256) ??
      this.#findToken(sha256).then((token) => {
        this.#tokens.set(sha256, token !== undefined);
        return token !== undefined;
      })
    );
  }

  async #findToken(sha256: string): Promise<{ tenantId: string; clientId: string; tokenId: string } | undefined> {
    const row = await this.#store.withCredential({ tokenSha256: sha256 }, (db) =>
      db
        .selectFrom('client_tokens')
        .select(['tenant_id', 'client_id', 'id'])
        .where('token_sha256', '=', sha256)
        .executeTakeFirst(),
    );
    return row && { tenantId: row.tenant_id, clientId: row.client_id, tokenId: row.id };
  }

  async #read(
    tenantId: string,
    credential: Exclude<Credential, { kind: 'token' }>,
    toolName: string,
  ): Promise<Facts | undefined> {
    const row = await this.#store.withTenant(tenantId, (tx) =>
      credential.kind === 'client'
        ? readClientFacts(tx, credential, toolName)
        : readMemberFacts(tx, credential, toolName),
    );
    if (row === undefined) return undefined;
    const tool = row.tool === null ? undefined : this.#tool(row.tool);
    const principal =
      credential.kind === 'client'
        ? ({ kind: 'client', id: credential.clientId } as const)
        : ({ kind: 'member', id: credential.userId } as const);
    return {
      tenantId,
      orgId: uuidToId('org', tenantId),
      version: Number(row.version),
      approvalTtlSeconds: row.approval_ttl_seconds,
      principal,
      ...(row.token && { token: tokenOf(row.token) }),
      ...(row.client && {
        client: { revoked: row.client.revoked, draftOnly: row.client.draft_only, rpmLimit: row.client.rpm_limit },
      }),
      credentialUserIds: [row.client?.owner_user_id, row.token?.created_by].filter((id) => id !== undefined),
      switchesOn: row.switches_on.map(({ scope, target_id }) => ({ scope, targetId: target_id })),
      ...grantOf(row, credential, tool),
      ...(tool && { tool }),
    };
  }

  #tool(row: ToolRow): Tool {
    let schema = this.#schemas.get(row.definition_sha256);
    if (schema === undefined) {
      const compiled = compileSchema(row.input_schema);
      schema = compiled.ok ? compiled : REFUSES_ALL;
      this.#schemas.set(row.definition_sha256, schema);
    }
    return {
      id: row.id,
      name: row.name,
      effect: row.effect,
      handlerKind: row.handler_kind,
      handlerConfig: row.handler_config,
      definitionSha256: row.definition_sha256,
      connector: row.connector,
      schema,
    };
  }
}

type TokenRow = { id: string; revoked: boolean; expires_at: string | null; expired: boolean; created_by: string };
type ToolRow = {
  id: string;
  name: string;
  effect: Effect;
  handler_kind: HandlerKind;
  handler_config: unknown;
  input_schema: unknown;
  definition_sha256: string;
  connector: { kind: string; config: unknown; revoked: boolean } | null;
};
type FactsRow = {
  version: string;
  approval_ttl_seconds: number;
  client: { revoked: boolean; draft_only: boolean; rpm_limit: number; owner_user_id: string } | null;
  token: TokenRow | null;
  grant: { policy: Policy; approver_user_ids: string[]; updated_by: string; created_at: string } | null;
  /** Of the member who calls; null when they have left. */
  role: Role | null;
  tool: ToolRow | null;
  switches_on: { scope: KillScope; target_id: string }[];
};

function tokenOf(row: TokenRow): NonNullable<Facts['token']> {
  const expiresAt = row.expires_at === null ? null : new Date(row.expires_at);
  return { id: row.id, revoked: row.revoked, expiresAt, expired: row.expired };
}

/** What a member may try out follows from what the tool does outside: nothing with an effect runs unseen. */
const POLICY_FOR_MEMBERS: Record<Effect, Policy> = {
  read: 'auto',
  draft: 'auto',
  write: 'approve',
  send: 'approve',
  publish: 'approve',
  charge: 'approve-dual',
  delete: 'approve-dual',
};

function grantOf(row: FactsRow, credential: Credential, tool: Tool | undefined): Pick<Facts, 'grant'> {
  if (credential.kind === 'member') {
    // Asked again when a held call is executed: whoever left or lost the permission meanwhile calls nothing.
    if (tool === undefined || row.role === null || !may(row.role, 'tools.test')) return {};
    return { grant: { policy: POLICY_FOR_MEMBERS[tool.effect], approverUserIds: [], updatedBy: credential.userId } };
  }
  if (row.grant === null) return {};
  const { policy, approver_user_ids, updated_by, created_at } = row.grant;
  return {
    grant: { policy, approverUserIds: approver_user_ids, updatedBy: updated_by, createdAt: new Date(created_at) },
  };
}

/** The tool, its connector and the switches that stop the call: what both kinds of caller need. */
const TOOL: RawBuilder<ToolRow | null> = sql`
  case when t.id is not null then json_build_object('id', t.id, 'name', t.name, 'effect', t.effect,
    'handler_kind', t.handler_kind, 'handler_config', t.handler_config, 'input_schema', t.input_schema,
    'definition_sha256', t.definition_sha256, 'connector', case when n.id is not null then
      json_build_object('kind', n.kind, 'config', n.config, 'revoked', n.status = 'revoked') end) end`;

async function readClientFacts(
  tx: TenantTx,
  { clientId, tokenId }: { clientId: string; tokenId: string | null },
  toolName: string,
): Promise<FactsRow | undefined> {
  const { rows } = await sql<FactsRow>`
    select w.facts_version as version, w.approval_ttl_seconds,
      json_build_object('revoked', c.status = 'revoked', 'draft_only', c.draft_only, 'rpm_limit', c.rpm_limit,
        'owner_user_id', c.owner_user_id) as client,
      case when k.id is not null then json_build_object('id', k.id, 'revoked', k.revoked_at is not null,
        'expires_at', k.expires_at, 'expired', k.expires_at <= now(), 'created_by', k.created_by) end as token,
      case when g.id is not null then json_build_object('policy', g.policy,
        'approver_user_ids', g.approver_user_ids, 'updated_by', g.updated_by, 'created_at', g.created_at) end as "grant",
      null as role,
      ${TOOL} as tool,
      (select coalesce(json_agg(json_build_object('scope', s.scope, 'target_id', s.target_id)), '[]')
        from kill_switches s
        where s.tenant_id = w.tenant_id and s.lifted_at is null and (s.scope = 'workspace'
          or (s.scope = 'tool' and s.target_id = t.id) or (s.scope = 'client' and s.target_id = c.id))) as switches_on
    from workspaces w
    join integration_clients c on c.tenant_id = w.tenant_id and c.id = ${clientId}
    left join client_tokens k on k.tenant_id = w.tenant_id and k.id = ${tokenId} and k.client_id = c.id
    left join tools t on t.tenant_id = w.tenant_id and t.name = ${toolName} and t.status = 'active'
    left join connectors n on n.tenant_id = t.tenant_id and n.id = t.connector_id
    left join grants g on g.tenant_id = w.tenant_id and g.client_id = c.id and g.tool_id = t.id
    where w.tenant_id = ${tx.tenantId}`.execute(tx.db);
  return rows[0];
}

async function readMemberFacts(
  tx: TenantTx,
  { userId }: { userId: string },
  toolName: string,
): Promise<FactsRow | undefined> {
  const { rows } = await sql<FactsRow>`
    select w.facts_version as version, w.approval_ttl_seconds, null as client, null as token, null as "grant",
      m.role, ${TOOL} as tool,
      (select coalesce(json_agg(json_build_object('scope', s.scope, 'target_id', s.target_id)), '[]')
        from kill_switches s
        where s.tenant_id = w.tenant_id and s.lifted_at is null and (s.scope = 'workspace'
          or (s.scope = 'tool' and s.target_id = t.id))) as switches_on
    from workspaces w
    left join workspace_members m on m.tenant_id = w.tenant_id and m.user_id = ${userId}
    left join tools t on t.tenant_id = w.tenant_id and t.name = ${toolName} and t.status = 'active'
    left join connectors n on n.tenant_id = t.tenant_id and n.id = t.connector_id
    where w.tenant_id = ${tx.tenantId}`.execute(tx.db);
  return rows[0];
}
