import type { Reply, Send } from '../support/gate.ts';
import { callByMcp } from './mcp-door.ts';

/** A door that clients' calls come in by, as a case plays it: what is asked, and the answer in the form of REST. */
export type Door = {
  readonly name: string;
  call(send: Send, body: unknown, headers: Record<string, string>): Promise<Reply>;
};

/** Every case is played through every door. */
export const DOORS: readonly Door[] = [
  { name: 'rest', call: (send, body, headers) => send('POST', '/api/agent/gateway', body, headers) },
  { name: 'mcp', call: callByMcp },
];
