import type { InputKind, InputRequest, JsonText, OnProgress, UpstreamOutcome } from '../../outcome.ts';
import type { RpcError } from './messages.ts';

/**
 * What came of one request.
 * - `result`: the server's answer, as it came.
 * - `error`: an error of JSON-RPC, which is an answer, too.
 * - `http`: a complete answer that is none of JSON-RPC.
 * - `not_sent`: certainly nothing of it was worked on.
 * - `cut`: it may have been, and no answer came that can be read.
 */
export type PeerReply =
  | {
      readonly kind: 'result';
      readonly result: JsonText;
      readonly value: unknown;
      /** The result asks for something that the caller may be asked for, and may be handed to it as it is. */
      readonly wants?: 'input';
    }
  | { readonly kind: 'error'; readonly error: RpcError; readonly httpStatus?: number }
  | { readonly kind: 'http'; readonly status: number; readonly text: string }
  | { readonly kind: 'not_sent'; readonly outcome: UpstreamOutcome }
  | { readonly kind: 'cut'; readonly reason: string };

/** What a server may ask of the caller of one request. */
export type Asked = {
  readonly kinds: readonly InputKind[];
  /** Asks it while the request runs; the caller's answer, or undefined where there is none to be given. */
  readonly ask?: (asked: InputRequest) => Promise<JsonText | undefined>;
};

/** How one request is made. `timeoutMs` runs to the last byte of its answer. */
export type Asking = {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onNotice?: OnProgress | undefined;
  /** What the server may ask in the middle of it. */
  readonly asked?: Asked | undefined;
  /** Sent along where the transport has headers. */
  readonly headers?: readonly string[] | undefined;
};

/** What a server says of itself. Texts of somebody else. */
export type ServerInfo = {
  readonly name: string;
  readonly version: string;
  readonly protocol: string;
  /** Which kinds of lists it has. */
  /** Whether it tells when its list of tools has changed. */
  readonly tellsChanges: boolean;
  /** Whether it tells when a resource has changed. */
  readonly tellsUpdates: boolean;
  readonly offers: { readonly [kind in 'tools' | 'prompts' | 'resources' | 'completions']: boolean };
};

/** A server that has been met. One for each connector and set of secrets. */
export type Peer = {
  readonly server: ServerInfo;
  /** Counts on with each notice that its list of tools has changed. */
  readonly changes: number;
  /** Whether it is still there as it was met. One that is not is met anew by the next call. */
  readonly isOpen: boolean;
  /** Makes one request; never rejects, and never sends again what may have been worked on. `params` has no `_meta`. */
  ask(method: string, params: Readonly<Record<string, JsonText>>, asking: Asking): Promise<PeerReply>;
  /** Has the server tell when this resource changes, or not any more. Never rejects. */
  watch(uri: string, isOn: boolean, asking: Asking): Promise<PeerReply>;
  /** Is told of each resource that is watched and has changed. */
  onUpdated: ((uri: string) => void) | undefined;
  close(): void;
};

/** A server that could not be met: nothing of a call was sent. */
export class NotMet extends Error {
  override readonly name = 'NotMet';
  readonly outcome: UpstreamOutcome;

  constructor(outcome: UpstreamOutcome) {
    super('the server was not met');
    this.outcome = outcome;
  }
}
