import type { Actor } from '../kernel/actor.ts';
import { PROBLEMS, type Problem, REFUSALS, type Refusal } from '../kernel/codes.ts';
import { idToUuid, isId, uuidToId } from '../kernel/ids.ts';
import type { AuditEvent } from '../ledger/audit.ts';
import type { App } from './app.ts';
import { RESOURCES } from './resources.ts';
import type { RequestInfo, Route } from './route.ts';

/** Whose request was refused, where, and what its path names. */
export type RefusedRequest = {
  readonly tenantId: string;
  readonly actor: Actor;
  readonly params: Readonly<Record<string, string>>;
};

type About = Pick<AuditEvent, 'resource' | 'payload_sha256'> & { readonly data: Record<string, unknown> };

/**
 * Gives a refused request its entry, where the table of codes says that it has one (kernel/codes.ts). A read that finds
 * nothing, or comes too late, keeps nobody from anything: of reads only those are told that a role did not allow.
 */
export async function noteRefusal(
  app: App,
  route: Route,
  { tenantId, actor, params }: RefusedRequest,
  refused: Refusal | Problem,
): Promise<void> {
  const { recorded, status } = refused.kind === 'deny' ? REFUSALS[refused.code] : PROBLEMS[refused.code];
  // A governed call has been recorded by the dispatcher.
  if (recorded !== 'entry' || 'executionId' in refused) return;
  if (route.method === 'get' && status !== 403) return;
  await standing(app, async () => {
    const about = await aboutOf(app, tenantId, route, params);
    await note(app, route, { tenantId, actor, code: refused.code, about });
  });
}

/**
 * A person's request for a workspace they are no member of. Its entry is in the workspace that was named by its id; a
 * slug is a person's own short name for a workspace of theirs and names nobody else's, so then it is in their own.
 */
export async function noteOutsider(
  app: App,
  route: Route,
  request: RequestInfo,
  actor: Actor,
  ownTenantId: string | undefined,
): Promise<void> {
  await standing(app, async () => {
    const named = await tenantNamed(app, request.headers.get('countersign-workspace'));
    const tenantId = named ?? ownTenantId;
    if (tenantId === undefined) return;
    const about = { ...ofWorkspace(tenantId), data: { outsider: named !== undefined } };
    await note(app, route, { tenantId, actor, code: 'cross_tenant', about });
  });
}

/** The workspace of an id, or undefined where there is none. */
async function tenantNamed(app: App, id: string | null): Promise<string | undefined> {
  if (!isId('org', id)) return undefined;
  const tenantId = idToUuid(id);
  const known = await app.store.withTenant(tenantId, (tx) =>
    tx.db.selectFrom('workspaces').select('tenant_id').where('tenant_id', '=', tenantId).executeTakeFirst(),
  );
  return known?.tenant_id;
}

/** A refusal stands, whatever becomes of its entry. */
async function standing(app: App, noting: () => Promise<void>): Promise<void> {
  try {
    await noting();
  } catch (fault) {
    app.log.warn({ err: fault }, 'a refusal could not be entered into the audit log');
  }
}

type Noted = { readonly tenantId: string; readonly actor: Actor; readonly code: string; readonly about: About };

function note(app: App, route: Route, { tenantId, actor, code, about }: Noted): Promise<void> {
  const { resource, payload_sha256, data } = about;
  return app.refusals.note({
    tenantId,
    actor,
    key: `${actor.id} ${code}`,
    event: {
      event_type: 'request.refused',
      resource,
      outcome: 'denied',
      ...(payload_sha256 !== undefined && { payload_sha256 }),
      data: { code, route: `${route.method.toUpperCase()} ${route.path}`, ...data },
    },
  });
}

/** What a request is about: the thing its path names, and of an approval its hash. Nothing of what was sent. */
async function aboutOf(
  app: App,
  tenantId: string,
  route: Route,
  params: Readonly<Record<string, string>>,
): Promise<About> {
  const [name, kind] = Object.entries(route.params ?? {}).at(-1) ?? [];
  const id = name === undefined ? undefined : params[name];
  if (kind === undefined || !isId(RESOURCES[kind].prefix, id)) return ofWorkspace(tenantId);
  const resource = { kind, id };
  if (kind !== 'approval') return { resource, data: {} };
  const approval = await app.store.withTenant(tenantId, (tx) =>
    tx.db
      .selectFrom('approvals')
      .select(['execution_id', 'tool_name', 'policy', 'payload_sha256'])
      .where('tenant_id', '=', tenantId)
      .where('id', '=', id)
      .executeTakeFirst(),
  );
  if (approval === undefined) return { resource, data: {} };
  const { execution_id, tool_name: tool, policy, payload_sha256 } = approval;
  return { resource, payload_sha256, data: { approval_id: id, execution_id, tool, policy, payload_sha256 } };
}

function ofWorkspace(tenantId: string): About {
  return { resource: { kind: 'workspace', id: uuidToId('org', tenantId) }, data: {} };
}
