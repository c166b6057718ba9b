import type { Token } from '../../gateway/call.ts';
import type { RpcResponse } from './message.ts';

type Expected = { readonly sha256: string; readonly hear: (response: RpcResponse) => void };

/**
 * What clients of this process were asked on the stream of a call, by the ids that were given out. What one says about it
 * comes in a request of its own, and is heard on the node that asked.
 */
const expected = new Map<string, Expected>();

/** Hears what a client says to what it was asked, until that is forgotten with what this returns. */
export function expectAnswer(id: string, { sha256 }: Token, hear: (response: RpcResponse) => void): () => void {
  expected.set(id, { sha256: sha256!, hear });
  return () => void expected.delete(id);
}

/** Takes an answer of a client. What nobody waits for, or was asked of somebody else, is not heard. */
export function hearAnswer(response: RpcResponse, { sha256 }: Token): void {
  const waiting = expected.get(String(response.id));
  if (waiting !== undefined && waiting.sha256 === sha256) waiting.hear(response);
}
