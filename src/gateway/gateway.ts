import type { Logger } from 'pino';
import { isRefused, type Problem, type Refusal } from '../kernel/codes.ts';
import { newId } from '../kernel/ids.ts';
import type { RefusalLedger } from '../ledger/refusals.ts';
import type { Sequencer } from '../ledger/sequencer.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import { TokenKeeper } from '../registry/authorizations/keeper.ts';
import { parseToken } from '../registry/tokens/token-format.ts';
import type { Store } from '../store/store.ts';
import type { ApprovalStatus } from '../store/tables.ts';
import type { Discovered } from '../upstream/kinds/mcp/discover.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { Vault } from '../vault/vault.ts';
import { type OwnConnector, SecretsReader } from './act/secrets.ts';
import { Admittance } from './admit/admit.ts';
import { Callers, type TokenHolder } from './admit/callers.ts';
import type { Answer, Call, Token } from './call.ts';
import type { Deps } from './deps.ts';
import { createDispatch } from './dispatch.ts';
import { FactsReader } from './facts/reader.ts';
import { discoverServer } from './passing/discover.ts';
import { createPassThrough } from './passing/pass.ts';
import type { PassThrough } from './passing/passing.ts';
import type { Progress } from './progress.ts';
import { type Probed, probeConnector } from './reads/probe.ts';
import { type ClientStatus, readClientStatus } from './reads/status.ts';
import { countedOut } from './record/counted.ts';
import { Labelled } from './record/labelled.ts';
import { LastUsed } from './record/last-used.ts';
import { createRules } from './rule/rule.ts';
import { executeApproved, findAbandoned } from './waiting/approved.ts';
import { awaitDecision, awaitExecution } from './waiting/decision.ts';
import { awaitHeld, type HeldCall, type WhoseHeld } from './waiting/held.ts';
import { markUnknown } from './waiting/unknown.ts';
import { debugObserver } from './watch.ts';

/** An integration client, known by its token. */
export type IdentifiedClient = { readonly tenantId: string; readonly clientId: string; readonly tokenId: string };

/** The one way for a call to reach the outside, whatever door it came in by. */
export type Gateway = {
  /** Reads a bearer token's shape and hash. Touches no database. */
  credentialOf(authorization: string | null): Token;
  /** Whether anybody has this token, live or ended: metered, and for whoever must know it before a body is read. */
  knows(token: Token, ip: string | undefined): true | Refusal | Promise<true | Refusal>;
  /** Who a bearer token is, read from the database now. For everything but dispatching; metered. */
  identify(authorization: string | null, ip?: string): Promise<IdentifiedClient | Refusal>;
  /** Whether a token is live, read from the database now. Not metered: for what a client is told without asking. */
  isLive(token: Token): Promise<boolean>;
  /** What the client may do: its tools, limits and the switches that stop it. Refused once its token has ended. */
  status(client: IdentifiedClient): Promise<ClientStatus | Refusal>;
  /** Takes a call through every step. With `waitMs`, a held call waits that long for people to decide. */
  dispatch(call: Call, options?: { waitMs?: number; gone?: AbortSignal; progress?: Progress }): Promise<Answer>;
  /** Executes an approval that was asked for with execute_on_approval. Undefined when there is nothing to do. */
  executeApproved(tenantId: string, approvalId: string): Promise<Answer | undefined>;
  awaitDecision(tenantId: string, approvalId: string, maxMs: number, gone: AbortSignal): Promise<ApprovalStatus>;
  /** A client's own held call by its approval or execution, waiting at most `maxMs` for what comes of it. */
  held(client: WhoseHeld, id: string, maxMs: number, gone: AbortSignal): Promise<HeldCall | undefined>;
  /** Prompts, resources and completions of upstream MCP servers. */
  readonly passing: PassThrough;
  /** What the MCP server behind a connector has, for a member who takes it over. */
  discover(asked: { readonly tenantId: string; readonly connectorId: string }): Promise<Discovered | Problem>;
  /** Whether somebody answers where a connector leads. */
  probe(connector: OwnConnector): Promise<Probed>;
  /** Picks up what a dead node left: approved calls nobody set out to make, and calls without an outcome. */
  sweep(): Promise<void>;
  /** Records when tokens and secrets were last used. */
  flushLastUsed(): Promise<void>;
};

export type GatewayOptions = {
  readonly store: Store;
  readonly limiter: RateLimiter;
  readonly upstream: Upstream;
  readonly vault: Vault;
  readonly sequencer: Sequencer;
  readonly refusals: RefusalLedger;
  /** See {@link Deps.stateKey}. */
  readonly stateKey: Uint8Array;
  readonly log: Logger;
};

const NEVER = new AbortController().signal;

export function createGateway(options: GatewayOptions): Gateway {
  const { store, limiter, upstream, vault, sequencer, refusals, stateKey, log } = options;
  const facts = new FactsReader(store, () => sequencer.settle());
  const rules = createRules(upstream);
  const admittance = new Admittance(new Callers(store), limiter, store.clock);
  const lastUsed = new LastUsed(store, 'client_tokens');
  const secretsUsed = new LastUsed(store, 'secrets');
  const deps: Deps = {
    store,
    limiter,
    admittance,
    facts,
    rules,
    labelled: new Labelled(),
    upstream,
    secrets: new SecretsReader({
      store,
      vault,
      tokens: new TokenKeeper({ store, vault, fetchGuarded: upstream.fetchGuarded }, log),
      log,
      used: (tenantId, id) => secretsUsed.note(tenantId, id),
    }),
    sequencer,
    stateKey,
    log,
    ...(log.isLevelEnabled('debug') && { observer: debugObserver(log) }),
    countedOut: (call, refusal, of) => countedOut(refusals, call, refusal, of),
    seen(call, { tenantId, token }, ruling) {
      if (ruling.outcome !== 'deny' || ruling.refusal.step !== 'authenticate') {
        if (token !== undefined) lastUsed.note(tenantId, token.id);
      } else if (call.credential.kind === 'token') admittance.forget(call.credential);
    },
  };
  const dispatch = createDispatch(deps);
  const credentialOf: Gateway['credentialOf'] = (authorization) => ({
    kind: 'token',
    sha256: parseToken(authorization)?.sha256 ?? null,
  });

  /** Goes on with a held call after the decision: executes it, waits for who does, or says no. */
  async function afterDecision(
    call: Call,
    held: Answer & { kind: 'pending' },
    tenantId: string,
    progress: Progress,
    waitMs: number,
    gone: AbortSignal,
  ): Promise<Answer> {
    const until = performance.now() + waitMs;
    const status = await awaitDecision(store, tenantId, held.approvalId, waitMs, gone);
    if (status === 'pending' || gone.aborted) return held;
    const leftMs = Math.max(0, until - performance.now());
    if (call.executeOnApproval && (status === 'approved' || status === 'consumed')) {
      return (await awaitExecution(store, sequencer, tenantId, held.executionId, leftMs, gone)) ?? held;
    }
    const { idempotencyKey: _, ...rest } = call;
    // It is the same request, which was let in when it came.
    return dispatch({ ...rest, executionId: newId('exe'), approvalId: held.approvalId }, progress);
  }

  return {
    credentialOf,

    // Most are remembered; waiting for them would cost every call more than finding them.
    knows(token, ip) {
      const known = (holder: TokenHolder | Refusal): true | Refusal => (isRefused(holder) ? holder : true);
      const holder = admittance.holder(token, ip);
      return holder instanceof Promise ? holder.then(known) : known(holder);
    },

    async identify(authorization, ip) {
      const holder = await admittance.identify(credentialOf(authorization), ip);
      return isRefused(holder) ? holder : holder.caller;
    },

    isLive: (token) => admittance.isLiveNow(token),

    status: (client) => readClientStatus(store, facts, rules, { kind: 'client', ...client }),

    dispatch(call, { waitMs = 0, gone = NEVER, progress = {} } = {}) {
      const answered = dispatch(call, progress);
      if (waitMs === 0) return answered;
      return answered.then((answer) =>
        answer.kind === 'pending' && progress.tenantId !== undefined
          ? afterDecision(call, answer, progress.tenantId, progress, waitMs, gone)
          : answer,
      );
    },

    executeApproved: (tenantId, approvalId) => executeApproved(store, dispatch, tenantId, approvalId),
    awaitDecision: (tenantId, approvalId, maxMs, gone) => awaitDecision(store, tenantId, approvalId, maxMs, gone),
    held: (client, id, maxMs, gone) => awaitHeld(store, sequencer, client, id, maxMs, gone),

    passing: createPassThrough(facts, rules, dispatch, {
      admit: (call) => admittance.admit(call),
      countedOut: deps.countedOut,
      keepWatching: upstream.servers.keepWatching,
    }),

    discover: (asked) => discoverServer(deps, asked),

    probe: (connector) => probeConnector(deps, connector),

    async sweep() {
      await markUnknown(store, sequencer);
      for (const { tenantId, approvalId } of await findAbandoned(store)) {
        // A slow upstream must not hold up the next round.
        executeApproved(store, dispatch, tenantId, approvalId).catch((fault) => {
          log.error({ approvalId, err: fault }, 'an approved call could not be executed');
        });
      }
    },

    async flushLastUsed() {
      await lastUsed.flush();
      await secretsUsed.flush();
    },
  };
}
