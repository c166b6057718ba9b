import { z } from 'zod';
import { membershipsOf } from '../../identity/person.ts';
import { problem } from '../../kernel/codes.ts';
import { readJson } from '../../kernel/json-text.ts';
import { type AuditFilters, headSeq, readOnward, type StoredLink } from '../../ledger/read.ts';
import type { App } from '../app.ts';
import { openRoute, type Route } from '../route.ts';
import { OpenStreams } from './open-streams.ts';

const PAGE = 200;
const HEARTBEAT_MS = 15_000;
/** How long a stream goes without asking the store, should a signal be lost, or whether its reader still may. */
const RECHECK_MS = 5_000;

const openStreams = new OpenStreams();

/**
 * `GET /v1/events`: the workspace's audit chain as it grows, as server-sent events. An event's id is its `seq`,
 * which has no gaps, so `Last-Event-ID` resumes exactly where a stream was cut.
 */
export const eventRoutes: Route[] = [
  openRoute({
    method: 'get',
    path: '/v1/events',
    summary: 'Follow what happens in the workspace (server-sent events)',
    tag: 'Events',
    permission: 'events.read',
    query: z.strictObject({}),
    response: { status: 200, description: 'text/event-stream; each event is an audit entry without its states.' },
    async open({ app, tenantId, caller, request }) {
      if (caller.kind !== 'member') return problem('forbidden', 'People follow the events.');
      const last = Number(request.headers.get('last-event-id') ?? Number.NaN);
      const head = await app.store.withTenant(tenantId, headSeq);
      const from = Number.isSafeInteger(last) && last >= 0 && last <= head ? last : head;
      const ownerId = caller.role === 'member' ? caller.userId : undefined;
      // Whoever signs out, is removed or changes role mid-stream is not told any more than anyone else.
      const stillMay = async (): Promise<boolean> => {
        const person = await app.signIn.person(request.headers);
        if (person === null) return false;
        const memberships = await membershipsOf(app.store, person.userId);
        return memberships.some((one) => one.tenantId === tenantId && one.role === caller.role);
      };
      const leave = openStreams.enter(caller.userId);
      if (leave === undefined) return problem('too_many_requests', 'You follow the events too many times. Close some.');
      // A reader who goes before the first event never starts the stream, so its end would not be noticed.
      request.signal.addEventListener('abort', leave);
      const events = follow(app, tenantId, from, ownerId, request.signal, stillMay, leave);
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

const EVERYTHING: AuditFilters = {};

async function* follow(
  app: App,
  tenantId: string,
  from: number,
  ownerId: string | undefined,
  gone: AbortSignal,
  stillMay: () => Promise<boolean>,
  leave: () => void,
): AsyncGenerator<string> {
  let afterSeq = from;
  let checkedMs = performance.now();
  let wake = (): void => {};
  const stop = (): void => wake();
  const unsubscribe = app.store.signals.subscribe((signal) => {
    if (signal.kind === 'reconnected' || (signal.kind === 'audit' && signal.tenantIds.includes(tenantId))) wake();
  });
  gone.addEventListener('abort', stop);
  app.closing.addEventListener('abort', stop);
  try {
    yield `retry: 1000\nid: ${afterSeq}\nevent: ready\ndata: {"seq":${afterSeq}}\n\n`;
    let beatMs = performance.now();
    while (!gone.aborted && !app.closing.aborted) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      if (performance.now() - checkedMs > RECHECK_MS) {
        if (!(await stillMay())) return;
        checkedMs = performance.now();
      }
      const page = await app.store.withTenant(tenantId, (tx) => readOnward(tx, EVERYTHING, PAGE, afterSeq));
      const told = page.filter((row) => ownerId === undefined || concerns(row, ownerId));
      if (told.length > 0) yield told.map(eventText).join('');
      afterSeq = Number(page.at(-1)?.seq ?? afterSeq);
      if (page.length === PAGE) continue;
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

/** Plain members are told of approvals, which they may be asked to decide, and of what they did themselves. */
function concerns(row: StoredLink, userId: string): boolean {
  return row.event_type.startsWith('approval.') || row.event_type.startsWith('kill_switch.') || row.actor_id === userId;
}

function eventText(row: StoredLink): string {
  const { before_state: _before, after_state: _after, ...entry } = readJson(row.entry) as Record<string, unknown>;
  return `id: ${row.seq}\nevent: ${row.event_type}\ndata: ${JSON.stringify({ seq: Number(row.seq), ...entry })}\n\n`;
}
