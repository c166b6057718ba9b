import { LRUCache } from 'lru-cache';
import { keptRules } from '../../governance/policies/kept.ts';
import { may } from '../../identity/permissions.ts';
import { DEFAULT_POLICY } from '../../kernel/codes.ts';
import { uuidToId } from '../../kernel/ids.ts';
import { compileSchema } from '../../kernel/json-schema.ts';
import type { Store, TenantTx } from '../../store/store.ts';
import type { Call, Caller } from '../call.ts';
import { readEarlier } from './earlier.ts';
import type { ArgumentsSchema, Facts, Grant, Tool } from './facts.ts';
import {
  type CallerRow,
  type FactsRow,
  type GrantedRow,
  type GrantRow,
  readApproval,
  readClient,
  readClientFacts,
  readGranted,
  readKey,
  readMemberFacts,
  type TokenRow,
  type ToolRow,
} from './queries.ts';
import { runKeys } from './run-of.ts';
import { readRunLabels } from './runs.ts';

const CACHED_MAX = 20_000;
const SCHEMAS_MAX = 2_000;
const RUNS_MAX = 20_000;

/** A schema that no longer compiles under today's rules lets nothing through. */
const REFUSES_ALL: ArgumentsSchema = {
  validate: () => ({ ok: false, errors: [{ path: '$', message: 'the tool has a schema that is no longer accepted' }] }),
  annotations: () => [],
  shape: () => ({ kind: 'any' }),
};

/** A client of a known workspace. */
export type KnownCaller = Extract<Caller, { kind: 'client' }>;

/**
 * Reads what a ruling rests on, and remembers it per token and existing tool. What is remembered may be old, and that is
 * safe: every ruling, yes or no, is recorded against the version it was made on, in the statement that also reads the
 * workspace's present version. A ruling on old facts is never recorded; it is made again on new ones.
 */
export class FactsReader {
  readonly #store: Store;
  readonly #known = new LRUCache<string, Facts>({ max: CACHED_MAX });
  /** Facts of a run that has been looked at, by its tool and whose labels count. */
  readonly #runs = new LRUCache<string, { readonly of: Facts; readonly facts: Facts }>({ max: RUNS_MAX });
  readonly #schemas = new LRUCache<string, ArgumentsSchema>({ max: SCHEMAS_MAX });

  readonly #settle: () => Promise<unknown>;

  /** `settle` has the outcomes that are queued written down, for what looks at earlier calls. */
  constructor(store: Store, settle: () => Promise<unknown>) {
    this.#store = store;
    this.#settle = settle;
  }

  /**
   * The facts of a call of `caller`, or undefined when it is of no workspace any more. `anew` skips what is remembered,
   * which is given at once.
   */
  of(call: Call, caller: Caller, anew: boolean): Facts | Promise<Facts | undefined> {
    const key = keyOf(caller, call.toolName);
    const known = key === undefined || anew ? undefined : this.#known.get(key);
    if (known !== undefined && call.approvalId === undefined) {
      const inRun = readsLabels(known) ? this.#runs.get(keyInRun(key!, call, known)) : { of: known, facts: known };
      if (inRun?.of === known) {
        const facts = this.#aged(inRun.facts);
        return requiresEarlier(facts) ? this.#withEarlier(call, facts) : facts;
      }
    }
    return this.#readAll(call, caller, key, known);
  }

  async #readAll(call: Call, caller: Caller, key: string | undefined, known: Facts | undefined) {
    const facts = await this.#readNow(call, caller, key, known);
    return facts !== undefined && requiresEarlier(facts) ? this.#withEarlier(call, facts) : facts;
  }

  /** With what earlier calls of the run came to. It is read anew for every call: there is no telling what else is called. */
  async #withEarlier(call: Call, facts: Facts): Promise<Facts> {
    await this.#settle();
    const earlier = await this.#store.withTenant(facts.tenantId, (tx) =>
      readEarlier(tx, call, facts, facts.grant!.requiredTools!),
    );
    return { ...facts, earlier };
  }

  async #readNow(
    call: Call,
    caller: Caller,
    key: string | undefined,
    known: Facts | undefined,
  ): Promise<Facts | undefined> {
    return this.#store.withTenant(caller.tenantId, async (tx) => {
      // With a key the answer may be an earlier one, which no write holds against the present version.
      let facts = call.idempotencyKey === undefined ? known : undefined;
      if (facts === undefined) {
        const row =
          caller.kind === 'client'
            ? await readClientFacts(tx, caller, call.toolName)
            : await readMemberFacts(tx, caller, call);
        if (row === undefined) return undefined;
        facts = this.#factsOf(tx, caller, row);
        if (key !== undefined && facts.tool !== undefined) this.#known.set(key, facts);
      }
      facts = this.#aged(facts);
      const { approvalId, idempotencyKey } = call;
      const { id } = facts.principal;
      const all = facts;
      if (approvalId !== undefined) facts = { ...facts, approval: await readApproval(tx, approvalId, id) };
      if (readsLabels(facts) && facts.approval?.runLabels === undefined) {
        facts = {
          ...facts,
          runLabels: facts.drafted?.runLabels ?? (await readRunLabels(tx, id, runKeys(call, facts).read)),
        };
        const isRemembered = key !== undefined && approvalId === undefined && idempotencyKey === undefined;
        if (isRemembered && this.#known.get(key) === all) this.#runs.set(keyInRun(key, call, all), { of: all, facts });
      }
      if (idempotencyKey !== undefined) {
        facts = { ...facts, earlierExecutionId: (await readKey(tx, id, idempotencyKey)) ?? null };
      }
      return facts;
    });
  }

  /** The facts of a client for every tool that was granted to it, with the tool's own words. Throws when it is gone. */
  granted(caller: KnownCaller): Promise<Granted> {
    return this.#store.withTenant(caller.tenantId, async (tx) => {
      const row = await readClient(tx, caller);
      if (row === undefined) throw new Error(`The client ${caller.clientId} is gone`);
      const granted = await readGranted(tx, caller.clientId);
      const tools = granted.map(({ grant, tool, description, definition }) => ({
        facts: this.#factsOf(tx, caller, { ...row, grant, tool }),
        about: { description, input_schema: tool.input_schema, definition },
      }));
      return { switchesOn: row.switches_on, tools };
    });
  }

  #factsOf(tx: Pick<TenantTx, 'tenantId'>, caller: Caller, row: FactsRow): Facts {
    const tool = row.tool === null ? undefined : this.#tool(row.tool);
    const grant = caller.kind === 'client' ? grantOf(row.grant, tool) : memberGrant(row, caller.userId, tool);
    return {
      tenantId: tx.tenantId,
      orgId: uuidToId('org', tx.tenantId),
      version: Number(row.version),
      readMs: performance.now(),
      approvalTtlSeconds: row.approval_ttl_seconds,
      principal:
        caller.kind === 'client' ? { kind: 'client', id: caller.clientId } : { kind: 'member', id: caller.userId },
      ...(row.token && { token: tokenOf(row.token) }),
      ...(row.client && {
        client: {
          revoked: row.client.revoked,
          draftOnly: row.client.draft_only,
          rpmLimit: row.client.rpm_limit,
          trustedRunIds: row.client.trusted_run_ids,
        },
      }),
      credentialUserIds: [
        row.client?.owner_user_id,
        row.token?.created_by,
        row.drafted?.owner_user_id,
        row.drafted?.token_created_by,
      ].filter((id) => id != null),
      switchesOn: row.switches_on.map(({ id, scope, target_id, lifted_until }) => ({
        id,
        scope,
        targetId: target_id,
        liftedUntil: lifted_until === null ? null : new Date(lifted_until),
      })),
      ...(row.drafted && {
        drafted: {
          clientId: row.drafted.client_id,
          tokenId: row.drafted.token_id,
          runLabels: row.drafted.run_labels,
          editedBy: row.drafted.edited_by === null ? [] : [row.drafted.edited_by],
        },
      }),
      ...(grant && { grant }),
      ...(tool && { tool }),
    };
  }

  #aged(facts: Facts): Facts {
    const { token } = facts;
    if (token?.expiresAt == null || token.expired || token.expiresAt > this.#store.clock.now()) return facts;
    return { ...facts, token: { ...token, expired: true } };
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
      quarantined: row.quarantined,
      labels: row.labels,
      connector: row.connector,
      schema,
    };
  }
}

export type Granted = {
  readonly switchesOn: CallerRow['switches_on'];
  readonly tools: readonly {
    readonly facts: Facts;
    readonly about: Pick<GrantedRow, 'description' | 'definition'> & { readonly input_schema: unknown };
  }[];
};

/** Only what a token asks for comes again and again. */
function keyOf(caller: Caller, toolName: string): string | undefined {
  return caller.kind === 'client' && caller.tokenId !== null ? `${caller.tokenId} ${toolName}` : undefined;
}

/** Whether what is ruled under these facts may depend on the labels of the run. */
function readsLabels(facts: Facts): boolean {
  return facts.grant?.readsLabels ?? false;
}

/** Whether it may depend on what was called in the run before. */
function requiresEarlier(facts: Facts): boolean {
  return facts.grant?.requiredTools !== undefined;
}

/** Of one tool and token, and the runs whose labels count for the call. */
function keyInRun(key: string, call: Call, facts: Facts): string {
  return `${key} ${runKeys(call, facts).read.join(' ')}`;
}

function tokenOf(row: TokenRow): NonNullable<Facts['token']> {
  const expiresAt = row.expires_at === null ? null : new Date(row.expires_at);
  return { id: row.id, revoked: row.revoked, expiresAt, expired: row.expired };
}

function grantOf(row: GrantRow | null, tool: Tool | undefined): Grant | undefined {
  if (row === null || tool === undefined) return undefined;
  const rules = keptRules(row.rules, tool.definitionSha256);
  const required = new Set(row.rules.flatMap(({ requires = [] }) => requires.map((one) => one.tool)));
  return {
    basePolicy: row.policy,
    approverUserIds: row.approver_user_ids,
    ...(rules && { rules }),
    ...(row.rules.some(({ when }) => /\brun\b/.test(when)) && { readsLabels: true }),
    ...(required.size > 0 && { requiredTools: [...required] }),
    justificationRequired: row.justification_required,
    updatedBy: row.updated_by,
    createdAt: new Date(row.created_at),
  };
}

/**
 * What a member may try out follows from what the tool does outside: nothing with an effect runs unseen. Asked again when
 * a held call is executed: whoever left or lost the permission meanwhile calls nothing.
 */
function memberGrant(row: FactsRow, userId: string, tool: Tool | undefined): Grant | undefined {
  const { role } = row;
  if (row.publishes) {
    return row.drafted && role !== null && may(role, 'drafts.publish') ? grantOf(row.grant, tool) : undefined;
  }
  if (tool === undefined || role === null || !may(role, 'tools.test')) return undefined;
  const basePolicy = DEFAULT_POLICY[tool.effect];
  return { basePolicy, approverUserIds: [], justificationRequired: false, updatedBy: userId };
}
