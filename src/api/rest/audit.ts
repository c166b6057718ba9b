import { z } from 'zod';
import { isRefused, problem } from '../../kernel/codes.ts';
import { audit } from '../../ledger/audit.ts';
import { EVENT_TYPES } from '../../ledger/events.ts';
import { exportAudit } from '../../ledger/export.ts';
import { auditFilters, headSeq, readNewest, readSpan, type StoredLink, toLink } from '../../ledger/read.ts';
import { verifyChain } from '../../ledger/verify.ts';
import { workspaceId } from '../mount.ts';
import { openRoute, type Route, route } from '../route.ts';
import { RunningExports, streamOf } from '../running-exports.ts';

const link = z.object({ seq: z.number(), prev_hash: z.string(), hash: z.string(), entry: z.looseObject({}) });
const LIMIT_MAX = 100;

const running = new RunningExports();
const BUSY = 'You, or enough others here, are exporting already. Wait until that has ended.';
const RETRY_SECONDS = 5;

export const auditRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/audit/event-types',
    summary: 'The names of events that an entry can have',
    tag: 'Audit',
    permission: 'audit.read',
    response: { status: 200, schema: z.object({ items: z.array(z.string()) }) },
    handle: async () => ({ body: { items: EVENT_TYPES } }),
  }),
  route({
    method: 'get',
    path: '/v1/audit',
    summary: 'Read the audit log, newest first',
    tag: 'Audit',
    permission: 'audit.read',
    query: auditFilters.extend({
      limit: z.coerce
        .number()
        .int()
        .min(1)
        .max(LIMIT_MAX, { error: `must be 1 to ${LIMIT_MAX}` })
        .default(25),
      cursor: z.coerce.number().int().min(1, { error: 'must be the next_cursor of the page before' }).optional(),
    }),
    settled: true,
    response: {
      status: 200,
      schema: z.object({
        items: z.array(link).describe('May be fewer than `limit`, or none, while `next_cursor` says where to go on.'),
        next_cursor: z.string().nullable(),
      }),
    },
    async handle({ tx, query: { limit, cursor, ...filters } }) {
      const { rows, nextBefore } = await readNewest(tx, filters, limit, cursor);
      return { body: { items: rows.map(toLink), next_cursor: nextBefore === undefined ? null : String(nextBefore) } };
    },
  }),
  openRoute({
    method: 'post',
    path: '/v1/audit/verify',
    summary: "Compute every hash of the workspace's chain again",
    tag: 'Audit',
    permission: 'audit.verify',
    settled: true,
    lock: 'none',
    response: {
      status: 200,
      schema: z.object({
        ok: z.boolean(),
        checked: z.number(),
        head: z.object({ seq: z.number(), hash: z.string() }),
        fault: z.object({ seq: z.number(), reason: z.string() }).optional(),
      }),
    },
    async open({ app, tenantId, transact }) {
      const verification = await verifyChain(app.store, tenantId);
      const recorded = await transact(async (tx, { actor }) => {
        await audit(tx, {
          event_type: 'audit.verified',
          actor,
          resource: { kind: 'audit_log', id: workspaceId(tenantId) },
          outcome: verification.ok ? 'intact' : 'broken',
          data: verification,
        });
        return {};
      });
      if (isRefused(recorded)) return recorded;
      return { body: verification };
    },
  }),
  openRoute({
    method: 'get',
    path: '/v1/audit/export',
    summary: 'Export the filtered slice as JSONL or CSV',
    tag: 'Audit',
    permission: 'audit.export',
    audited: true,
    lock: 'none',
    query: auditFilters.extend({
      format: z.enum(['jsonl', 'csv'], { error: 'must be jsonl or csv' }).default('jsonl'),
    }),
    settled: true,
    response: {
      status: 200,
      description: 'The entries, oldest first. JSONL keeps the exact bytes that are hashed.',
      mediaTypes: ['application/jsonl', 'text/csv'],
    },
    async open({ tenantId, caller, query: { format, ...filters }, request, look, transact }) {
      if (caller.kind !== 'member') return problem('forbidden', 'People export the audit log.');
      const leave = running.enter(tenantId, caller.userId);
      if (leave === undefined) return { ...problem('too_many_requests', BUSY), retryAfterSeconds: RETRY_SECONDS };
      try {
        const head = await transact(async (tx, { actor }) => {
          await audit(tx, {
            event_type: 'audit.exported',
            actor,
            resource: { kind: 'audit_log', id: workspaceId(tenantId) },
            outcome: 'exported',
            data: { format, filters },
          });
          return { seq: await headSeq(tx) };
        });
        if (isRefused(head)) {
          leave();
          return head;
        }
        const read = async (afterSeq: number, lastSeq: number): Promise<readonly StoredLink[]> => {
          const page = await look((tx) => readSpan(tx, filters, afterSeq, lastSeq));
          if (isRefused(page)) throw new Error(`An export was cut off: ${page.code}`);
          return page;
        };
        // A reader who goes before the first page never starts the stream, so its end would not be noticed.
        request.signal.addEventListener('abort', leave);
        const body = streamOf(exportAudit(read, head.seq, format), leave);
        return new Response(body, {
          headers: {
            'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8',
            'content-disposition': `attachment; filename="countersign-audit.${format}"`,
            'cache-control': 'no-store',
            'x-request-id': request.requestId,
          },
        });
      } catch (fault) {
        leave();
        throw fault;
      }
    },
  }),
];
