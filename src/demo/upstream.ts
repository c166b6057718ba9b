import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DemoAnswer, problem, ROUTES } from './upstream-routes.ts';
import { type DemoState, emptyState, loadState, stateWriter } from './upstream-state.ts';

export type { DemoState } from './upstream-state.ts';

export type DemoUpstream = {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly port: number;
  /** The live state. */
  readonly state: DemoState;
  /** Stops listening, cuts what is open, and waits until the state file is written. */
  close(): Promise<void>;
};

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_ANSWERS = 10_000;

/**
 * Starts the demo's outside world: an HTTP server on loopback with an e-mail outbox, refunds, a search,
 * pages and records. A changing request with an `Idempotency-Key` that was used before gets the first
 * answer again and changes nothing; with another body it gets 422. With `stateFile` every change is in the
 * file before it is answered.
 * @throws if the port is taken or the state file is damaged.
 */
export async function startDemoUpstream(options: { port: number; stateFile?: string }): Promise<DemoUpstream> {
  const { port, stateFile } = options;
  const state = stateFile === undefined ? emptyState() : await loadState(stateFile);
  const answers = new Map(state.answers);
  const save = stateFile === undefined ? async () => {} : stateWriter(stateFile, state);

  const server = createServer((request, response) => {
    answerTo(request)
      .catch(() => problem(500, 'fault', 'The demo upstream failed.'))
      .then((answer) => write(response, answer));
  });

  async function answerTo(request: IncomingMessage): Promise<DemoAnswer> {
    const url = new URL(request.url ?? '/', 'http://upstream.invalid');
    const matching = ROUTES.filter(({ path }) => path.test(url.pathname));
    if (matching.length === 0) return problem(404, 'not_found', 'There is no such path.');
    const route = matching.find(({ method }) => method === request.method);
    if (route === undefined) return problem(405, 'method_not_allowed', 'This path does not take that method.');
    const body = await readBody(request);
    if (body === null) return problem(413, 'too_large', `A body may have ${MAX_BODY_BYTES} bytes.`);

    const { pathname } = url;
    const parsed = parseJson(body);
    if (parsed === undefined) return problem(400, 'not_json', 'The body is not JSON.');
    const given = { state, id: route.path.exec(pathname)?.[1] ?? '', query: url.searchParams, body: parsed };
    const key = route.changes ? request.headers['idempotency-key'] : undefined;
    if (typeof key !== 'string') {
      const answer = route.answer(given);
      if (route.changes) await save();
      return answer;
    }
    if (key.length > 255) return problem(400, 'bad_key', 'An Idempotency-Key has at most 255 characters.');

    const fingerprint = createHash('sha256').update(`${route.method} ${pathname}\n`).update(body).digest('hex');
    const kept = answers.get(key);
    if (kept !== undefined && kept.fingerprint !== fingerprint) {
      return problem(422, 'idempotency_mismatch', 'This Idempotency-Key was used with another request.');
    }
    if (kept !== undefined) {
      await save();
      return kept;
    }
    // From the look-up to here nothing waits, so two requests with one key cannot both get this far.
    const answer = route.answer(given);
    answers.set(key, { fingerprint, ...answer });
    const oldest = answers.keys().next().value;
    if (answers.size > MAX_ANSWERS && oldest !== undefined) answers.delete(oldest);
    if (stateFile !== undefined) state.answers = [...answers];
    await save();
    return answer;
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    state,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await save();
    },
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read on without keeping, up to a bound, so that the client gets to see the 413.
    if (length > 8 * MAX_BODY_BYTES) return null;
    if (length <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return length > MAX_BODY_BYTES ? null : Buffer.concat(chunks);
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return null;
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    return undefined;
  }
}

function write(response: ServerResponse, { status, body }: DemoAnswer): void {
  if (response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
