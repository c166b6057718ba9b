import { setTimeout } from 'node:timers/promises';
import { sql } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { SYSTEM } from '../../kernel/actor.ts';
import { audit } from '../../ledger/audit.ts';
import { type Authorized, tokensBound } from './binding.ts';
import { noteEnded } from './end.ts';
import { sameScopes, sealTokens } from './finish.ts';
import { ProviderFault, type Reach, renewTokens } from './provider.ts';
import { type AuthorizationRow, readAuthorization } from './read.ts';
import { timesOf } from './times.ts';

/** A connector's access token, with a number that no other one of it has. */
export type Token = { readonly ok: true; readonly value: string; readonly number: number };
/** Why there is none, as a sentence to show. With `isPassing`, trying again later may help. */
export type NoToken = { readonly ok: false; readonly detail: string; readonly isPassing: boolean };

type Known = { readonly token: Token; readonly version: number; readonly until: Date | null };

/** What is no call rests on no version of the facts: nothing that is remembered holds for it. */
export const NO_VERSION = -1;

const KNOWN_MAX = 1_000;
/** A token is asked of the store again after this time, so that one that another node has renewed is used. */
const KNOWN_MS = 5 * 60_000;
/** How long a call waits for somebody who asks the provider, and how often it looks. */
const WAIT_MS = 20_000;
const LOOK_MS = 100;
/** A node that asks the provider has so long for it; one that died meanwhile holds nobody up for longer. */
const LEASE = sql`interval '30 seconds'`;
/** What a provider that failed is left alone for. */
const REST = sql`interval '2 seconds'`;
/** A token that was refused sooner than this after it was given is not the token's fault. */
const REFUSED_MIN_MS = 60_000;

const none = (detail: string, isPassing = false): NoToken => ({ ok: false, detail, isPassing });
const NEVER = none('The connector is not authorized. An admin has to authorize it on its page.');
const ENDED = none('The provider has ended the authorization of the connector. An admin has to authorize it again.');
const CHANGED = none('The connector was authorized for another destination. An admin has to authorize it again.');
const EXPIRED = none('The authorization of the connector has expired. An admin has to authorize it again.');
const UNREADABLE = none('The tokens of the connector cannot be decrypted. An admin has to authorize it again.');
const LATE = none('The authorization of the connector was not renewed in time. Nothing was sent.', true);

/** Has the access tokens of connectors, and renews them: one node asks the provider, however many calls wait. */
export class TokenKeeper {
  readonly #reach: Reach;
  readonly #log: Logger;
  readonly #known = new LRUCache<string, Known>({ max: KNOWN_MAX, ttl: KNOWN_MS });
  readonly #asking = new Map<string, Promise<Token | NoToken>>();

  constructor(reach: Reach, log: Logger) {
    this.#reach = reach;
    this.#log = log;
  }

  /**
   * The token for calls through a connector under one version of the workspace's facts, which every authorization moves.
   * Rejects where the store does not answer.
   */
  tokenFor(authorized: Authorized, version: number): Token | Promise<Token | NoToken> {
    const key = keyOf(authorized);
    const known = this.#known.get(key);
    const isKnown = version !== NO_VERSION && known?.version === version;
    if (isKnown && (known.until === null || known.until > this.#reach.store.clock.now())) {
      return known.token;
    }
    const asked = `${key} ${authorized.binding} ${version}`;
    let asking = this.#asking.get(asked);
    if (asking === undefined) {
      asking = this.#ask(authorized, version).finally(() => this.#asking.delete(asked));
      this.#asking.set(asked, asking);
    }
    return asking;
  }

  /** Notes that a destination took a token for none. The next call asks for another one, if there can be one. */
  async refused(
    { tenantId, connectorId }: Pick<Authorized, 'tenantId' | 'connectorId'>,
    number: number,
  ): Promise<void> {
    this.#known.delete(keyOf({ tenantId, connectorId }));
    await this.#reach.store.withTenant(tenantId, (tx) =>
      tx.db
        .updateTable('connector_authorizations')
        .set({ renew_at: tx.at })
        .where('tenant_id', '=', tenantId)
        .where('connector_id', '=', connectorId)
        .where('number', '=', number)
        .where('renewable', '=', true)
        .where('renewed_at', '<', new Date(tx.at.getTime() - REFUSED_MIN_MS))
        .execute(),
    );
  }

  async #ask(authorized: Authorized, version: number): Promise<Token | NoToken> {
    const until = performance.now() + WAIT_MS;
    do {
      const { row, now } = await this.#read(authorized);
      if (row === undefined) return NEVER;
      if (row.ended !== null) return ENDED;
      if (row.binding !== authorized.binding) return CHANGED;
      const isOver = row.expires_at !== null && row.expires_at <= now;
      const isDue = row.renew_at !== null && row.renew_at <= now;
      if (!isDue) return this.#open(authorized, row, version);
      if (!row.renewable) return isOver ? EXPIRED : this.#open(authorized, row, version);
      const leased = await this.#lease(authorized, row.number);
      const failed = leased ? await this.#renew(authorized, row) : undefined;
      // What is not over yet will do.
      if (!isOver && row.expires_at !== null && (!leased || failed !== undefined))
        return this.#open(authorized, row, version);
      if (failed !== undefined) return failed;
      if (!leased) await setTimeout(LOOK_MS);
    } while (performance.now() < until);
    return LATE;
  }

  #read({ tenantId, connectorId }: Authorized): Promise<{ row: AuthorizationRow | undefined; now: Date }> {
    return this.#reach.store.withTenant(tenantId, async (tx) => ({
      row: await readAuthorization(tx, connectorId),
      now: tx.at,
    }));
  }

  async #open(authorized: Authorized, row: AuthorizationRow, version: number): Promise<Token | NoToken> {
    const tokens = await this.#tokens(authorized, row);
    if (tokens === null) return UNREADABLE;
    const token = { ok: true, value: tokens.accessToken, number: row.number } as const;
    if (version !== NO_VERSION) this.#known.set(keyOf(authorized), { token, version, until: row.renew_at });
    return token;
  }

  async #tokens(
    authorized: Authorized,
    { sealed, number }: AuthorizationRow,
  ): Promise<{ readonly accessToken: string; readonly refreshToken: string | null } | null> {
    const text = await this.#reach.vault.open(sealed, tokensBound(authorized, number));
    return text === null ? null : JSON.parse(text);
  }

  /** Whether this node is the one that asks the provider for what follows these tokens. */
  #lease({ tenantId, connectorId }: Authorized, number: number): Promise<boolean> {
    return this.#reach.store.withTenant(tenantId, async ({ db }) => {
      const { numUpdatedRows } = await db
        .updateTable('connector_authorizations')
        .set({ renewing_until: sql<Date>`clock_timestamp() + ${LEASE}` })
        .where('tenant_id', '=', tenantId)
        .where('connector_id', '=', connectorId)
        .where('number', '=', number)
        .where(sql<boolean>`(renewing_until is null or renewing_until < clock_timestamp())`)
        .executeTakeFirst();
      return numUpdatedRows === 1n;
    });
  }

  /** Asks the provider for the next tokens and keeps them; says why there are none. */
  async #renew(authorized: Authorized, row: AuthorizationRow): Promise<NoToken | undefined> {
    const { tenantId, connectorId } = authorized;
    const { store } = this.#reach;
    try {
      const before = await this.#tokens(authorized, row);
      if (before?.refreshToken == null) return UNREADABLE;
      const given = await renewTokens(this.#reach, authorized, before.refreshToken);
      // A provider that gives no new one goes on with the old one.
      const tokens = { ...given, refreshToken: given.refreshToken ?? before.refreshToken };
      await this.#keep(authorized, row, await sealTokens(this.#reach, authorized, row.number + 1, tokens));
      return undefined;
    } catch (fault) {
      if (fault instanceof ProviderFault && fault.code === 'invalid_grant') {
        const ended = { connectorId, number: row.number, reason: fault.code };
        await store.withTenant(tenantId, (tx) => noteEnded({ tx, actor: SYSTEM }, ended));
        return ENDED;
      }
      this.#log.warn(
        { err: fault, connector_id: connectorId },
        'the authorization of a connector could not be renewed',
      );
      await this.#rest(authorized, row.number);
      if (!(fault instanceof ProviderFault)) throw fault;
      return none(`The authorization of the connector could not be renewed. ${fault.message} Nothing was sent.`, true);
    }
  }

  #keep(
    { tenantId, connectorId }: Authorized,
    row: AuthorizationRow,
    { tokens, number, sealed }: Awaited<ReturnType<typeof sealTokens>>,
  ): Promise<void> {
    return this.#reach.store.withTenant(tenantId, async (tx) => {
      const scopes = tokens.scopes === null ? row.scopes : [...tokens.scopes];
      const { numUpdatedRows } = await tx.db
        .updateTable('connector_authorizations')
        .set({ number, sealed, scopes, ...timesOf(tokens, tx.at), renewing_until: null, renewed_at: tx.at })
        .where('tenant_id', '=', tenantId)
        .where('connector_id', '=', connectorId)
        .where('number', '=', row.number)
        .executeTakeFirst();
      if (numUpdatedRows === 0n || sameScopes(row.scopes, scopes)) return;
      await audit(tx, {
        event_type: 'connector.scope_changed',
        actor: SYSTEM,
        resource: { kind: 'connector', id: connectorId },
        outcome: 'scope_changed',
        before_state: { scopes: row.scopes },
        after_state: { scopes },
      });
    });
  }

  async #rest({ tenantId, connectorId }: Authorized, number: number): Promise<void> {
    await this.#reach.store.withTenant(tenantId, ({ db }) =>
      db
        .updateTable('connector_authorizations')
        .set({ renewing_until: sql<Date>`clock_timestamp() + ${REST}` })
        .where('tenant_id', '=', tenantId)
        .where('connector_id', '=', connectorId)
        .where('number', '=', number)
        .execute(),
    );
  }
}

function keyOf({ tenantId, connectorId }: Pick<Authorized, 'tenantId' | 'connectorId'>): string {
  return `${tenantId} ${connectorId}`;
}
