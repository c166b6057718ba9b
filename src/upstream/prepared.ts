/** A request that is ready to be sent, and how long the tool gives it, in milliseconds. */
export type Prepared<Request = unknown> = {
  readonly kind: 'prepared';
  readonly request: Request;
  readonly timeoutMs: number;
};
