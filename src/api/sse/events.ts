import { z } from 'zod';
import { deny, isRefused, problem } from '../../kernel/codes.ts';
import { headSeq, readOnward } from '../../ledger/read.ts';
import type { App } from '../app.ts';
import { openRoute, type Route, type Transact } from '../route.ts';
import { OpenStreams } from './open-streams.ts';
import { readsAudit, toldOf } from './told.ts';

const PAGE = 200;
const HEARTBEAT_MS = 15_000;
/** How long a stream goes without asking the store, should a signal be lost. */
const RECHECK_MS = 5_000;

/** How far back a stream resumes for those who may not read the audit log: enough for a connection that was lost. */
const RESUME_MAX = 1_000;

const openStreams = new OpenStreams();

/**
 * `GET /v1/events`: the workspace's audit chain as it grows, as server-sent events. An event's id is its `seq`,
 * which has no gaps, so `Last-Event-ID` resumes exactly where a stream was cut. `ready` says where it begins, and
 * whether that is where the last one ended.
 */
export const eventRoutes: Route[] = [
  openRoute({
    method: 'get',
    path: '/v1/events',
    summary: 'Follow what happens in the workspace (server-sent events)',
    tag: 'Events',
    permission: 'events.read',
    query: z.strictObject({}),
    response: {
      status: 200,
      description: 'Each event is an audit entry without its states.',
      mediaTypes: ['text/event-stream'],
    },
    async open({ app, tenantId, caller, request, look }) {
      if (caller.kind !== 'member') return problem('forbidden', 'People follow the events.');
      const head = await look(async (tx) => ({ seq: await headSeq(tx) }));
      if (isRefused(head)) return head;
      const last = Number(request.headers.get('last-event-id') ?? Number.NaN);
      const earliest = readsAudit(caller) ? 0 : head.seq - RESUME_MAX;
      const resumed = Number.isSafeInteger(last) && last >= Math.max(0, earliest) && last <= head.seq;
      const leave = openStreams.enter(caller.userId);
      if (leave === undefined) return problem('too_many_requests', 'You follow the events too many times. Close some.');
      // A reader who goes before the first event never starts the stream, so its end would not be noticed.
      request.signal.addEventListener('abort', leave);
      const events = follow(app, tenantId, { seq: resumed ? last : head.seq, resumed }, request.signal, look, leave);
      return new Response(ReadableStream.from(events).pipeThrough(new TextEncoderStream()), {
        headers: {
          'content-type': 'text/event-stream; charset=utf-8',
          'cache-control': 'no-store',
          'x-accel-buffering': 'no',
          'x-request-id': request.requestId,
        },
      });
    },
  }),
];

async function* follow(
  app: App,
  tenantId: string,
  from: { readonly seq: number; readonly resumed: boolean },
  gone: AbortSignal,
  look: Transact,
  leave: () => void,
): AsyncGenerator<string> {
  let afterSeq = from.seq;
  let wake = (): void => {};
  const stop = (): void => wake();
  const unsubscribe = app.store.signals.subscribe((signal) => {
    if (signal.kind === 'reconnected' || (signal.kind === 'audit' && signal.tenantIds.includes(tenantId))) wake();
  });
  gone.addEventListener('abort', stop);
  app.closing.addEventListener('abort', stop);
  try {
    yield `retry: 1000\nid: ${afterSeq}\nevent: ready\ndata: ${JSON.stringify(from)}\n\n`;
    let beatMs = performance.now();
    while (!gone.aborted && !app.closing.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      // Whoever signed out, was removed or lost the role is told nothing more: it is asked in the same transaction.
      const read = await look(async (tx, caller) => {
        if (caller.kind !== 'member') return deny('unauthenticated');
        const page = await readOnward(tx, PAGE, afterSeq);
        return { count: page.length, lastSeq: page.at(-1)?.seq, told: await toldOf(tx, caller, page) };
      });
      if (isRefused(read)) return;
      if (read.told !== '') yield read.told;
      afterSeq = Number(read.lastSeq ?? afterSeq);
      if (read.count === PAGE) continue;
      if (performance.now() - beatMs > HEARTBEAT_MS) {
        beatMs = performance.now();
        yield `: seq ${afterSeq}\n\n`;
      }
      const timer = setTimeout(wake, RECHECK_MS);
      await woken;
      clearTimeout(timer);
    }
  } catch (fault) {
    // The reader asks again from where the stream ended.
    app.log.warn({ err: fault }, 'a live stream ended early');
  } finally {
    leave();
    unsubscribe();
    gone.removeEventListener('abort', stop);
    app.closing.removeEventListener('abort', stop);
  }
}
