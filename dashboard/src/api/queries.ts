import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, query } from './http.ts';
import type {
  ApprovalDetail,
  ApprovalView,
  AuditLink,
  AuthorizationView,
  ClientUsageView,
  ClientView,
  ConnectorView,
  DeliveryView,
  DraftDetail,
  DraftView,
  DriftView,
  EndpointView,
  ExecutionDetail,
  ExecutionView,
  GrantView,
  InvitationView,
  KillSwitchView,
  Me,
  MemberView,
  NoticeSettings,
  Page,
  PreviewView,
  RunLabelsView,
  SecretView,
  SessionView,
  TimelineView,
  TokenView,
  ToolView,
  WorkspaceView,
} from './types.ts';

/** Filters as they are in the URL; those that are not set are undefined. */
export type Filters = Readonly<Record<string, string | undefined>>;

/** How many rows a list reads at a time: the API's maximum, so that most lists are one page. */
const ROWS = 50;
const ALL = 100;
/** How many parts of a long list are searched before somebody has to ask for more. */
const SEARCHES_MAX = 20;

/** Who is signed in. 401 when nobody is. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => ask<Me>('/v1/me', { signal }),
  staleTime: 60_000,
});

/** Where the person is signed in. */
export const sessionsQuery = queryOptions({
  queryKey: ['me', 'sessions'],
  queryFn: ({ signal }) => ask<{ items: SessionView[] }>('/v1/me/sessions', { signal }),
});

/** Keys begin with the workspace, so that its live stream can refresh a family at once. */
function one<T>(ws: string, family: string, path: string, ...key: readonly string[]) {
  return queryOptions({
    queryKey: [ws, family, ...key],
    queryFn: ({ signal }) => ask<T>(path, { workspace: ws, signal }),
  });
}

/** A list by search, filters and pages: `q` and the filters as the URL has them. */
function list<T>(ws: string, family: string, path: string, filters: Filters, limit = ROWS) {
  return infiniteQueryOptions({
    queryKey: [ws, family, 'list', path, filters],
    async queryFn({ signal, pageParam }) {
      const read = (cursor: string | undefined): Promise<Page<T>> =>
        ask<Page<T>>(`${path}${query({ ...filters, limit, cursor })}`, { workspace: ws, signal });
      let page = await read(pageParam);
      // A search looks at a part of a long list at a time, and may find nothing in it.
      for (let nth = 0; page.items.length === 0 && page.next_cursor !== null && nth < SEARCHES_MAX; nth += 1) {
        page = await read(page.next_cursor);
      }
      return page;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** The first rows of a list that is short by its nature; whoever shows it says what is left out. */
function whole<T>(ws: string, family: string, path: string, filters: Filters = {}) {
  return queryOptions({
    queryKey: [ws, family, 'whole', path, filters],
    queryFn: ({ signal }) => ask<Page<T>>(`${path}${query({ ...filters, limit: ALL })}`, { workspace: ws, signal }),
  });
}

/** Every member, page after page: what names are told by. */
export async function everyone(workspace: string, signal: AbortSignal): Promise<MemberView[]> {
  const all: MemberView[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask<Page<MemberView>>(`/v1/members${query({ limit: ALL, cursor })}`, { workspace, signal });
    all.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}

export const queries = {
  approvals: (ws: string, filters: Filters) => list<ApprovalView>(ws, 'approvals', '/v1/approvals', filters),
  approval: (ws: string, id: string) => one<ApprovalDetail>(ws, 'approvals', `/v1/approvals/${id}`, id),
  calls: (ws: string, filters: Filters) => list<ExecutionView>(ws, 'calls', '/v1/executions', filters),
  call: (ws: string, id: string) =>
    queryOptions({
      queryKey: [ws, 'calls', id],
      queryFn: ({ signal }) => ask<ExecutionDetail>(`/v1/executions/${id}`, { workspace: ws, signal, exact: true }),
    }),
  clients: (ws: string, filters: Filters = {}) => list<ClientView>(ws, 'clients', '/v1/clients', filters),
  client: (ws: string, id: string) => one<ClientView>(ws, 'clients', `/v1/clients/${id}`, id),
  tokens: (ws: string, id: string) => list<TokenView>(ws, 'clients', `/v1/clients/${id}/tokens`, {}),
  grants: (ws: string, id: string, filters: Filters = {}) =>
    list<GrantView>(ws, 'clients', `/v1/clients/${id}/grants`, filters),
  runLabels: (ws: string, id: string) =>
    one<{ readonly items: RunLabelsView[] }>(ws, 'clients', `/v1/clients/${id}/run-labels`, id, 'run-labels'),
  usage: (ws: string, id: string) => one<ClientUsageView>(ws, 'usage', `/v1/clients/${id}/usage`, id),
  tools: (ws: string, filters: Filters = {}) => list<ToolView>(ws, 'tools', '/v1/tools', filters),
  tool: (ws: string, id: string) => one<ToolView>(ws, 'tools', `/v1/tools/${id}`, id),
  /** What was accepted of an MCP server's tool, and what is said of it now. */
  drift: (ws: string, id: string) => one<DriftView>(ws, 'tools', `/v1/tools/${id}/drift`, id, 'drift'),
  drafts: (ws: string, filters: Filters = {}) => list<DraftView>(ws, 'drafts', '/v1/drafts', filters),
  draft: (ws: string, id: string) => one<DraftDetail>(ws, 'drafts', `/v1/drafts/${id}`, id),
  connectors: (ws: string, filters: Filters = {}) => list<ConnectorView>(ws, 'connectors', '/v1/connectors', filters),
  connector: (ws: string, id: string) => one<ConnectorView>(ws, 'connectors', `/v1/connectors/${id}`, id),
  authorization: (ws: string, id: string) =>
    one<AuthorizationView>(ws, 'connectors', `/v1/connectors/${id}/authorization`, id, 'authorization'),
  /** What is stopped now, for the banner. */
  switches: (ws: string, status?: 'on' | 'lifted') =>
    whole<KillSwitchView>(ws, 'switches', '/v1/kill-switches', { status }),
  switchList: (ws: string, status: 'on' | 'lifted') =>
    list<KillSwitchView>(ws, 'switches', '/v1/kill-switches', { status }),
  preview: (ws: string, scope: string, id: string) =>
    one<PreviewView>(ws, 'switches', `/v1/kill-switches/preview${query({ scope, id })}`, 'preview', scope, id),
  audit: (ws: string, filters: Filters) => list<AuditLink>(ws, 'audit', '/v1/audit', filters),
  members: (ws: string, filters: Filters = {}) => list<MemberView>(ws, 'members', '/v1/members', filters),
  everyone: (ws: string) =>
    queryOptions({ queryKey: [ws, 'members', 'everyone'], queryFn: ({ signal }) => everyone(ws, signal) }),
  secrets: (ws: string, filters: Filters = {}) => list<SecretView>(ws, 'secrets', '/v1/secrets', filters),
  notices: (ws: string) => one<NoticeSettings>(ws, 'notices', '/v1/notices'),
  timeline: (ws: string, id: string) => one<TimelineView>(ws, 'timelines', `/v1/approvals/${id}/timeline`, id),
  webhooks: (ws: string, filters: Filters = {}) => list<EndpointView>(ws, 'webhooks', '/v1/webhooks', filters),
  webhook: (ws: string, id: string) => one<EndpointView>(ws, 'webhooks', `/v1/webhooks/${id}`, id),
  deliveries: (ws: string, id: string, filters: Filters = {}) =>
    list<DeliveryView>(ws, 'webhooks', `/v1/webhooks/${id}/deliveries`, filters),
  invitations: (ws: string) => list<InvitationView>(ws, 'members', '/v1/members/invitations', {}),
  workspace: (ws: string) => one<WorkspaceView>(ws, 'workspace', '/v1/workspaces/current'),
  /** How many there are of something, without reading them. */
  count: (ws: string, family: string, path: string, filters: Filters = {}) =>
    queryOptions({
      queryKey: [ws, family, 'count', path, filters],
      queryFn: async ({ signal }) => {
        const page = await ask<Page<unknown>>(`${path}${query({ ...filters, limit: 1 })}`, { workspace: ws, signal });
        return page.total?.count ?? page.items.length;
      },
    }),
};

/** What the stream's events change, by the first word of the event: the families of queries to read again. */
export const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  approval: ['approvals', 'calls', 'timelines'],
  execution: ['calls', 'approvals'],
  draft: ['drafts'],
  kill_switch: ['switches', 'approvals'],
  client: ['clients', 'approvals'],
  token: ['clients'],
  policy: ['clients', 'approvals'],
  run: ['clients', 'calls'],
  connector: ['connectors', 'tools', 'secrets'],
  tool: ['tools', 'clients', 'approvals', 'secrets'],
  secret: ['secrets'],
  webhook: ['webhooks'],
  member: ['members'],
  owner: ['members'],
  settings: ['workspace', 'notices'],
  workspace: ['workspace'],
};
