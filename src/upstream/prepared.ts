/** The secrets that a request names, and the one host that their values would go to. */
export type NeededSecrets = { readonly names: readonly string[]; readonly host: string };

/** How long the secrets of a request may take to be opened, a connector's token to be renewed among them. */
export const OPENING_MS = 25_000;

/** A request as its kind works it out, and how long the tool gives it, in milliseconds. */
export type Readied<Request> = {
  readonly kind: 'prepared';
  readonly request: Request;
  readonly timeoutMs: number;
  /** Left out where it names none. The request itself only ever names them. */
  readonly secrets?: NeededSecrets;
};

/** A request that is ready to be sent, by the kind of tool whose it is. */
export type Prepared = Readied<unknown> & { readonly handlerKind: string };
