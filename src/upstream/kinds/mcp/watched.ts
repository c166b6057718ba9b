import type { JsonText } from '../../outcome.ts';
import type { Message } from './messages.ts';
import type { PeerReply } from './peer.ts';

/** The answer of a server that does not tell of changes. */
export const NOT_TOLD: PeerReply = {
  kind: 'error',
  error: { code: -32601, message: 'The server does not tell when its resources change.' },
};
export const TOLD: PeerReply = { kind: 'result', result: '{}', value: {} };

/** What is listened for, as the params of `subscriptions/listen` in the later revision. */
export function listenedFor(tools: boolean, uris: ReadonlySet<string>): Readonly<Record<string, JsonText>> {
  const asked = {
    ...(tools && { toolsListChanged: true }),
    ...(uris.size > 0 && { resourceSubscriptions: [...uris] }),
  };
  return { notifications: JSON.stringify(asked) };
}

/** The resource that a notice is about, where that is watched. */
export function updatedIn(message: Message, watched: ReadonlySet<string>): string | undefined {
  if (message.kind !== 'notice' || message.method !== 'notifications/resources/updated') return undefined;
  const { uri } = message.params;
  return typeof uri === 'string' && watched.has(uri) ? uri : undefined;
}
