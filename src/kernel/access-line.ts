/** One answered request, as the log tells it. Nothing in it is a text that a caller chose, so nothing is masked. */
export class AccessLine {
  readonly request_id: string;
  readonly trace_id: string | undefined;
  readonly method: string;
  /** The pattern of the path, without ids and without the query. */
  readonly route: string;
  readonly status: number;
  readonly ms: number;
  /** What was sent over the connection, headers included. */
  readonly bytes: number;
  /** Whether all of the answer was handed over, or the caller had gone before. */
  readonly finished: boolean;

  constructor(
    requestId: string,
    traceId: string | undefined,
    method: string,
    route: string,
    status: number,
    ms: number,
    bytes: number,
    finished: boolean,
  ) {
    this.request_id = requestId;
    this.trace_id = traceId;
    this.method = method;
    this.route = route;
    this.status = status;
    this.ms = ms;
    this.bytes = bytes;
    this.finished = finished;
  }
}
