import type { Token } from '../../gateway/call.ts';
import type { RequestId, RpcNotification } from './message.ts';
import type { Session } from './session.ts';

/**
 * Requests that a client of a handshake may take back, for as long as they are open. Ids are a client's own: two
 * clients may use the same ones at the same time, also with one token, so a request is known by its session, too. In the
 * stateless revision closing the connection takes a request back.
 */
const open = new Map<string, AbortController>();

export function cancellable(
  token: Token,
  session: Session | undefined,
  id: RequestId,
): { readonly signal?: AbortSignal; done(): void } {
  if (session === undefined) return { done: () => {} };
  const key = keyOf(token, session, id);
  const controller = new AbortController();
  open.set(key, controller);
  return {
    signal: controller.signal,
    done: () => {
      if (open.get(key) === controller) open.delete(key);
    },
  };
}

/** `notifications/cancelled`. The wait ends, and what runs is cancelled upstream; an approval stays. */
export function cancelRequest(token: Token, session: Session, { method, params }: RpcNotification): void {
  const { requestId } = params;
  if (method !== 'notifications/cancelled') return;
  if (typeof requestId !== 'string' && typeof requestId !== 'number') return;
  open.get(keyOf(token, session, requestId))?.abort();
}

function keyOf({ sha256 }: Token, { id }: Session, requestId: RequestId): string {
  return `${sha256} ${id} ${JSON.stringify(requestId)}`;
}
