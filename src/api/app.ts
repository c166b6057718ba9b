import type { Logger } from 'pino';
import type { Gateway } from '../gateway/gateway.ts';
import type { SignIn } from '../identity/sign-in.ts';
import type { Problem, Refusal } from '../kernel/codes.ts';
import type { RefusalLedger } from '../ledger/refusals.ts';
import type { Sequencer } from '../ledger/sequencer.ts';
import type { RateLimiter } from '../limits/rate-limiter.ts';
import type { Push } from '../notify/channels/push.ts';
import type { Settings } from '../settings.ts';
import type { Store, TenantTx } from '../store/store.ts';
import type { EgressExceptions } from '../upstream/egress-exceptions.ts';
import type { Upstream } from '../upstream/upstream.ts';
import type { Vault } from '../vault/vault.ts';
import type { ResourceUpdates } from './mcp/updates.ts';

/** What the process is made of; `server.ts` puts it together once. */
export type App = {
  readonly settings: Settings;
  readonly store: Store;
  readonly signIn: SignIn;
  readonly limiter: RateLimiter;
  readonly gateway: Gateway;
  readonly sequencer: Sequencer;
  /** Which private destinations the operator lets whom reach. */
  readonly egress: EgressExceptions;
  /** Where people reach this server, without a slash at the end. */
  readonly publicUrl: string;
  /** Sends a request outside that is no call of a tool, through the egress guard. */
  readonly fetchGuarded: Upstream['fetchGuarded'];
  /** Encrypts the values of secrets. */
  readonly vault: Vault;
  /** Has the key that browsers subscribe to notices with. */
  readonly push: Push;
  /** Tells which resources of MCP servers have changed, as this node hears of it. */
  readonly updates: ResourceUpdates;
  /** Signs what clients keep for the gate between two requests: the same on every node. */
  readonly stateKey: Uint8Array;
  /** Gives refusals their entries, metered. */
  readonly refusals: RefusalLedger;
  readonly log: Logger;
  /** Aborted when the process begins to stop, so that streams and waits end. */
  readonly closing: AbortSignal;
  /** Runs a verb in one transaction inside a workspace; a verb that says no is rolled back. */
  transact<T>(tenantId: string, verb: (tx: TenantTx) => Promise<T | Refusal | Problem>): Promise<T | Refusal | Problem>;
};
