import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { ACCESS_TOKEN } from '../../kernel/secret-reference.ts';
import { authorizedBy } from '../../registry/authorizations/binding.ts';
import { NO_VERSION, type Token, type TokenKeeper } from '../../registry/authorizations/keeper.ts';
import { openSecrets } from '../../registry/secrets/open.ts';
import type { Store } from '../../store/store.ts';
import { failed, refused, type Unanswered } from '../../upstream/outcome.ts';
import { type NeededSecrets, OPENING_MS } from '../../upstream/prepared.ts';
import { type UsedSecrets, useSecrets } from '../../upstream/secrets/used.ts';
import type { Vault } from '../../vault/vault.ts';
import type { Facts } from '../facts/facts.ts';

/** How many sets of opened values are remembered, and how long at most. */
const OPENED_MAX = 200;
const OPENED_MS = 60_000;

type Opened = { readonly used: UsedSecrets; readonly ids: readonly string[] };
type Of = Pick<Facts, 'tenantId' | 'version' | 'principal' | 'tool'>;

/** What a call's request is sent with, and the number of the connector's token where one is. */
export type OpenedForCall = { readonly used: UsedSecrets; readonly tokenNumber?: number };

/** A connector that is asked something beside its calls. */
export type OwnConnector = {
  readonly tenantId: string;
  readonly id: string;
  readonly kind: string;
  readonly config: unknown;
};

export type SecretsReaderOptions = {
  readonly store: Store;
  readonly vault: Vault;
  readonly tokens: TokenKeeper;
  readonly log: Logger;
  /** Is told of each secret that is used. */
  readonly used: (tenantId: string, secretId: string) => void;
};

/**
 * Opens the secrets that a request names, for the one host that it goes to. Values are remembered by the workspace's
 * facts version, which every written or deleted secret moves: the ruling that a call runs under was recorded against the
 * present one, so that what is remembered is never old.
 */
export class SecretsReader {
  readonly #opened = new LRUCache<string, Opened>({ max: OPENED_MAX, ttl: OPENED_MS });
  readonly #options: SecretsReaderOptions;

  constructor(options: SecretsReaderOptions) {
    this.#options = options;
  }

  /** The values for a call under these facts, or why there are none. Never rejects: nothing has been sent yet. */
  async open(facts: Of, needed: NeededSecrets): Promise<OpenedForCall | Unanswered> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Unanswered>((resolve) => {
      timer = setTimeout(() => resolve(LATE), OPENING_MS);
    });
    try {
      return await Promise.race([this.#openAll(facts, needed), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #openAll(facts: Of, needed: NeededSecrets): Promise<OpenedForCall | Unanswered> {
    const { log, used } = this.#options;
    const { tenantId, version, principal } = facts;
    const clientId = principal.kind === 'client' ? principal.id : null;
    try {
      const token = needed.names.includes(ACCESS_TOKEN)
        ? await this.#token(tenantId, version, facts.tool!.connector)
        : undefined;
      if (token !== undefined && 'kind' in token) return token;
      const key = JSON.stringify([
        tenantId,
        version,
        clientId,
        connectorOf(facts, token),
        needed.host,
        ...needed.names,
      ]);
      const opened = this.#opened.get(key) ?? (await this.#open(tenantId, clientId, needed, token));
      if ('kind' in opened) return opened;
      this.#opened.set(key, opened, { noUpdateTTL: true });
      for (const id of opened.ids) used(tenantId, id);
      return { used: opened.used, ...(token !== undefined && { tokenNumber: token.number }) };
    } catch (fault) {
      log.error({ err: fault, names: needed.names }, 'secrets could not be read');
      return refused('egress_blocked', 'The secrets of the call could not be read. Nothing was sent.');
    }
  }

  /** Notes that a destination took the token of a connector for none. */
  async tokenRefused({ tenantId, tool }: Of, number: number): Promise<void> {
    const { log, tokens } = this.#options;
    await tokens
      .refused({ tenantId, connectorId: tool!.connector!.id }, number)
      .catch((fault: unknown) => log.warn({ err: fault }, 'a token that was refused could not be noted'));
  }

  /**
   * The workspace's own values and the connector's token, for what is no call; nothing is remembered of the values. Never
   * rejects.
   */
  async openOwn(connector: OwnConnector, needed: NeededSecrets): Promise<UsedSecrets | Unanswered> {
    const { tenantId } = connector;
    try {
      const isAuthorized = needed.names.includes(ACCESS_TOKEN);
      const token = isAuthorized ? await this.#token(tenantId, NO_VERSION, connector) : undefined;
      if (token !== undefined && 'kind' in token) return token;
      const opened = await this.#open(tenantId, null, needed, token);
      return 'kind' in opened ? opened : opened.used;
    } catch (fault) {
      this.#options.log.error({ err: fault, names: needed.names }, 'secrets could not be read');
      return refused('egress_blocked', 'The secrets of the connector could not be read. Nothing was sent.');
    }
  }

  async #token(
    tenantId: string,
    version: number,
    connector: Omit<OwnConnector, 'tenantId'> | null,
  ): Promise<Token | Unanswered> {
    const authorized = connector && authorizedBy(tenantId, connector);
    if (authorized === null) return refused('egress_blocked', 'The connector is authorized nowhere.');
    const token = await this.#options.tokens.tokenFor(authorized, version);
    if (token.ok) return token;
    return token.isPassing ? failed('connect_failed', token.detail) : refused('egress_blocked', token.detail);
  }

  async #open(
    tenantId: string,
    clientId: string | null,
    { names, host }: NeededSecrets,
    token: Token | undefined,
  ): Promise<Opened | Unanswered> {
    const needed = { names: names.filter((name) => name !== ACCESS_TOKEN), host };
    const opened = await openSecrets(this.#options, tenantId, clientId, needed);
    if (!opened.ok) return refused('egress_blocked', opened.detail);
    const values = new Map(opened.values);
    if (token !== undefined) values.set(ACCESS_TOKEN, token.value);
    return { used: useSecrets(values), ids: opened.ids };
  }
}

const LATE = failed('timeout_before_send', 'The secrets of the call were not opened in time. Nothing was sent.');

/** Tokens are a connector's own, and there is one after the other of them. */
function connectorOf({ tool }: Of, token: Token | undefined): readonly unknown[] | null {
  return token === undefined ? null : [tool?.connector?.id, token.number];
}
