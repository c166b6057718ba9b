import { z } from 'zod';
import { listExecutions } from '../../gateway/reads/executions.ts';
import { listApprovals } from '../../governance/approvals/read.ts';
import { listMembers } from '../../identity/members/read.ts';
import { may, type Permission } from '../../identity/permissions.ts';
import { searched } from '../../kernel/page.ts';
import { listClients } from '../../registry/clients/read.ts';
import { listConnectors } from '../../registry/connectors/read.ts';
import { listTools } from '../../registry/tools/read.ts';
import type { TenantTx } from '../../store/store.ts';
import { type Caller, type Route, route } from '../route.ts';
import { viewerOf } from './approvals.ts';
import { ownerId } from './executions.ts';

const KINDS = ['client', 'tool', 'connector', 'member', 'approval', 'execution'] as const;
const EACH = 6;

const found = z.object({
  kind: z.enum(KINDS),
  id: z.string(),
  title: z.string(),
  subtitle: z.string(),
  status: z.string().describe('The state of it, of a person the role.'),
});
type Found = z.infer<typeof found>;
type Few = { readonly limit: number; readonly uncounted: true; readonly q: string };

/** What each kind finds, with the list that it is in: so nobody finds here what they do not see there. */
const SEARCHES: readonly {
  readonly permission: Permission;
  readonly find: (tx: TenantTx, few: Few, caller: Caller) => Promise<Found[]>;
}[] = [
  {
    permission: 'clients.read',
    find: async (tx, few) =>
      (await listClients(tx, few)).items.map(({ id, name, description, status }) => ({
        ...{ kind: 'client', id, title: name, subtitle: description, status },
      })),
  },
  {
    permission: 'tools.read',
    find: async (tx, few) =>
      (await listTools(tx, few)).items.map(({ id, name, description, status }) => ({
        ...{ kind: 'tool', id, title: name, subtitle: description, status },
      })),
  },
  {
    permission: 'connectors.read',
    find: async (tx, few) =>
      (await listConnectors(tx, few)).items.map(({ id, name, target, status }) => ({
        ...{ kind: 'connector', id, title: name, subtitle: target, status },
      })),
  },
  {
    permission: 'members.read',
    find: async (tx, few) =>
      (await listMembers(tx, few)).items.map(({ id, name, email, role }) => ({
        ...{ kind: 'member', id, title: name, subtitle: email, status: role },
      })),
  },
  {
    permission: 'approvals.read',
    find: async (tx, few, caller) =>
      (await listApprovals(tx, viewerOf(caller), few)).items.map(({ id, summary, tool, principal, state }) => ({
        ...{ kind: 'approval', id, title: summary, subtitle: `${tool.name} · ${principal.name ?? ''}`, status: state },
      })),
  },
  {
    permission: 'executions.read',
    find: async (tx, few, caller) =>
      (await listExecutions(tx, few, ownerId(caller))).items.map(({ id, tool, principal, state }) => ({
        ...{ kind: 'execution', id, title: tool, subtitle: principal.name ?? '', status: state },
      })),
  },
];

export const searchRoutes: Route[] = [
  route({
    method: 'get',
    path: '/v1/search',
    summary: 'Find clients, tools, connectors, people, approvals and calls by name',
    tag: 'Workspace',
    permission: 'workspace.read',
    query: z.strictObject({ q: searched.q.unwrap() }),
    response: {
      status: 200,
      schema: z.object({ items: z.array(found) }),
      description: `At most ${EACH} of each kind, newest first: what you would find in their lists.`,
    },
    async handle({ tx, caller, query: { q } }) {
      if (caller.kind !== 'member') return { body: { items: [] } };
      const items: Found[] = [];
      for (const { permission, find } of SEARCHES) {
        if (may(caller.role, permission)) items.push(...(await find(tx, { limit: EACH, uncounted: true, q }, caller)));
      }
      return { body: { items } };
    },
  }),
];
