import type { Logger } from 'pino';
import { deny, type Refusal } from '../kernel/codes.ts';
import { newId } from '../kernel/ids.ts';
import type { Sequencer } from '../ledger/sequencer.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import { parseToken } from '../registry/tokens/token-format.ts';
import type { Store } from '../store/store.ts';
import type { ApprovalStatus } from '../store/tables.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { awaitDecision, awaitExecution, executeApproved, findAbandoned } from './approved.ts';
import type { Answer, Call, Credential, Progress } from './call.ts';
import { createDispatch } from './dispatch.ts';
import { FactsReader } from './facts.ts';
import { type ClientStatus, readClientStatus } from './status.ts';
import { markUnknown } from './unknown.ts';

/** An integration client, known by its token. */
export type IdentifiedClient = { readonly tenantId: string; readonly clientId: string; readonly tokenId: string };

/** The one way for a call to reach the outside, whatever door it came in by. */
export type Gateway = {
  /** Reads a bearer token's shape and hash. Touches no database. */
  credentialOf(authorization: string | null): Credential & { kind: 'token' };
  /** Whether a presented token was ever given out, also if it has ended since. Mostly remembered. */
  known(credential: Credential & { kind: 'token' }): boolean | Promise<boolean>;
  /** Who a bearer token is, read from the database now. For everything but dispatching. */
  identify(authorization: string | null): Promise<IdentifiedClient | Refusal>;
  /** What the client may do: its tools, limits and the switches that stop it. */
  status(client: IdentifiedClient): Promise<ClientStatus>;
  /** Takes a call through every step. With `waitMs`, a held call waits that long for people to decide. */
  dispatch(call: Call, options?: { waitMs?: number; gone?: AbortSignal; progress?: Progress }): Promise<Answer>;
  /** Executes an approval that was asked for with execute_on_approval. Undefined when there is nothing to do. */
  executeApproved(tenantId: string, approvalId: string): Promise<Answer | undefined>;
  awaitDecision(tenantId: string, approvalId: string, maxMs: number, gone: AbortSignal): Promise<ApprovalStatus>;
  /** Picks up what a dead node left: approved calls nobody set out to make, and calls without an outcome. */
  sweep(): Promise<void>;
  /** Records when tokens were last used. */
  flushLastUsed(): Promise<void>;
};

export type GatewayOptions = {
  readonly store: Store;
  readonly limiter: RateLimiter;
  readonly upstream: Upstream;
  readonly sequencer: Sequencer;
  readonly log: Logger;
};

const NEVER = new AbortController().signal;
const USED_TOKENS_MAX = 10_000;

export function createGateway({ store, limiter, upstream, sequencer, log }: GatewayOptions): Gateway {
  const facts = new FactsReader(store);
  const used = new Map<string, { readonly tenantId: string; at: Date }>();
  const dispatch = createDispatch({
    store,
    limiter,
    upstream,
    facts,
    sequencer,
    log,
    tokenUsed(tenantId, tokenId) {
      const known = used.get(tokenId);
      if (known !== undefined) known.at = store.clock.now();
      else if (used.size < USED_TOKENS_MAX) used.set(tokenId, { tenantId, at: store.clock.now() });
    },
  });

  /** Goes on with a held call after the decision: executes it, waits for who does, or says no. */
  async function afterDecision(
    call: Call,
    held: Answer & { kind: 'pending' },
    tenantId: string,
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
    return dispatch({ ...rest, executionId: newId('exe'), approvalId: held.approvalId });
  }

  return {
    credentialOf: (authorization) => ({ kind: 'token', sha256: parseToken(authorization)?.sha256 ?? null }),

    known: ({ sha256 }) => (sha256 === null ? false : facts.knows(sha256)),

    async identify(authorization) {
      const token = parseToken(authorization);
      if (token === null) return deny('unauthenticated');
      const row = await store.withCredential({ tokenSha256: token.sha256 }, (db) =>
        db
          .selectFrom('client_tokens')
          .select(['tenant_id', 'client_id', 'id', 'expires_at', 'revoked_at'])
          .where('token_sha256', '=', token.sha256)
          .executeTakeFirst(),
      );
      if (row === undefined || row.revoked_at !== null) return deny('unauthenticated');
      if (row.expires_at !== null && row.expires_at <= store.clock.now()) return deny('token_expired');
      return { tenantId: row.tenant_id, clientId: row.client_id, tokenId: row.id };
    },

    status: (client) => readClientStatus(store, client),

    dispatch(call, { waitMs = 0, gone = NEVER, progress = {} } = {}) {
      const answered = dispatch(call, progress);
      if (waitMs === 0) return answered;
      return answered.then((answer) =>
        answer.kind === 'pending' && progress.tenantId !== undefined
          ? afterDecision(call, answer, progress.tenantId, waitMs, gone)
          : answer,
      );
    },

    executeApproved: (tenantId, approvalId) => executeApproved(store, dispatch, tenantId, approvalId),
    awaitDecision: (tenantId, approvalId, maxMs, gone) => awaitDecision(store, tenantId, approvalId, maxMs, gone),

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
      const entries = [...used.entries()];
      used.clear();
      for (const [tokenId, { tenantId, at }] of entries) {
        await store.withTenant(tenantId, (tx) =>
          tx.db
            .updateTable('client_tokens')
            .set({ last_used_at: at })
            .where('tenant_id', '=', tenantId)
            .where('id', '=', tokenId)
            .execute(),
        );
      }
    },
  };
}
