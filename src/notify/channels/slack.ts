import type { Upstream } from '../../upstream/upstream.ts';
import type { Message } from '../notices/message.ts';
import { NotSent, refusalOf } from './not-sent.ts';

const TIMEOUT_MS = 10_000;
const ANSWER_MAX_BYTES = 1024;

/**
 * Posts to an incoming webhook as Slack has them, and others with it. An agent's words can name no channel, person or
 * link of their own. Rejects with `NotSent`.
 */
export async function sendToSlack(
  ask: Upstream['fetchGuarded'],
  tenantId: string,
  url: string,
  { title, lines, link }: Message,
): Promise<void> {
  const text = [`*${inert(title)}*`, ...lines.map(inert), `<${link}|See all of it, and decide>`].join('\n');
  const answer = await ask({
    tenantId,
    url,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text }),
    maxBytes: ANSWER_MAX_BYTES,
    timeoutMs: TIMEOUT_MS,
  });
  if (answer.kind !== 'answer') throw new NotSent(refusalOf(answer));
  if (answer.status < 200 || answer.status >= 300) throw new NotSent(`The receiver answered ${answer.status}.`);
}

/** A zero width space behind what would begin a mention, be markup, or have a program make a link of an address. */
function inert(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[@*_~`[\]]|:(?=\/)|\.(?=\p{L})/gu, '$&\u200b');
}
