/** A request as its kind works it out, and how long the tool gives it, in milliseconds. */
export type Readied<Request> = {
  readonly kind: 'prepared';
  readonly request: Request;
  readonly timeoutMs: number;
};

/** A request that is ready to be sent, by the kind of tool whose it is. */
export type Prepared = Readied<unknown> & { readonly handlerKind: string };
