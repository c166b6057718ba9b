import { z } from 'zod';
import { audit } from '../../ledger/audit.ts';
import { exportAudit } from '../../ledger/export.ts';
import { auditFilters, readNewest, toLink } from '../../ledger/read.ts';
import { verifyChain } from '../../ledger/verify.ts';
import { workspaceId } from '../mount.ts';
import { openRoute, type Route, route } from '../route.ts';

const link = z.object({ seq: z.number(), prev_hash: z.string(), hash: z.string(), entry: z.looseObject({}) });
const LIMIT_MAX = 100;

export const auditRoutes: Route[] = [
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
    response: { status: 200, schema: z.object({ items: z.array(link), next_cursor: z.string().nullable() }) },
    async handle({ tx, query: { limit, cursor, ...filters } }) {
      const rows = await readNewest(tx, filters, limit + 1, cursor);
      const items = rows.slice(0, limit).map(toLink);
      return { body: { items, next_cursor: rows.length > limit ? String(items.at(-1)!.seq) : null } };
    },
  }),
  openRoute({
    method: 'post',
    path: '/v1/audit/verify',
    summary: "Compute every hash of the workspace's chain again",
    tag: 'Audit',
    permission: 'audit.verify',
    settled: true,
    response: {
      status: 200,
      schema: z.object({
        ok: z.boolean(),
        checked: z.number(),
        head: z.object({ seq: z.number(), hash: z.string() }),
        fault: z.object({ seq: z.number(), reason: z.string() }).optional(),
      }),
    },
    async open({ app, tenantId, caller }) {
      const verification = await verifyChain(app.store, tenantId);
      await app.store.withTenant(tenantId, (tx) =>
        audit(tx, {
          event_type: 'audit.verified',
          actor: caller.actor,
          resource: { kind: 'audit_log', id: workspaceId(tenantId) },
          outcome: verification.ok ? 'intact' : 'broken',
          data: verification,
        }),
      );
      return { body: verification };
    },
  }),
  openRoute({
    method: 'get',
    path: '/v1/audit/export',
    summary: 'Export the filtered slice as JSONL or CSV',
    tag: 'Audit',
    permission: 'audit.export',
    query: auditFilters.extend({
      format: z.enum(['jsonl', 'csv'], { error: 'must be jsonl or csv' }).default('jsonl'),
    }),
    settled: true,
    response: { status: 200, description: 'The entries, oldest first. JSONL keeps the exact bytes that are hashed.' },
    async open({ app, tenantId, caller, query: { format, ...filters }, request }) {
      await app.store.withTenant(tenantId, (tx) =>
        audit(tx, {
          event_type: 'audit.exported',
          actor: caller.actor,
          resource: { kind: 'audit_log', id: workspaceId(tenantId) },
          outcome: 'exported',
          data: { format, filters },
        }),
      );
      const lines = exportAudit(app.store, tenantId, filters, format);
      return new Response(ReadableStream.from(lines).pipeThrough(new TextEncoderStream()), {
        headers: {
          'content-type': format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl; charset=utf-8',
          'content-disposition': `attachment; filename="countersign-audit.${format}"`,
          'cache-control': 'no-store',
          'x-request-id': request.requestId,
        },
      });
    },
  }),
];
