import { ask, query } from '../api/http.ts';
import { everyone } from '../api/queries.ts';
import type { ClientView, ConnectorView, MemberView, Page, ToolView, Total } from '../api/types.ts';

/** One of those that can be chosen. */
export type Choice = { readonly value: string; readonly label: string; readonly hint?: string };

type Found = {
  readonly choices: readonly Choice[];
  /** Where to go on; null at the end. */
  readonly next: string | null;
  readonly total: Total | null;
};

/** Where a picker searches. */
export type Source = {
  readonly id: string;
  /** The family of queries whose changes make the answers old. */
  readonly family: string;
  readonly find: (ws: string, q: string, cursor: string | undefined, signal: AbortSignal) => Promise<Found>;
  /** What a chosen value is called. */
  readonly name: (ws: string, value: string, signal: AbortSignal) => Promise<string>;
};

const ROWS = 20;

type Listing<T> = {
  readonly id: string;
  readonly family: string;
  readonly path: string;
  readonly filters?: Readonly<Record<string, string>>;
  readonly keep?: (row: T) => boolean;
  readonly choice: (row: T) => Choice;
  readonly name: Source['name'];
};

function listed<T>({ id, family, path, filters = {}, keep = () => true, choice, name }: Listing<T>): Source {
  return {
    id,
    family,
    name,
    async find(workspace, q, cursor, signal) {
      const page = await ask<Page<T>>(`${path}${query({ ...filters, q, limit: ROWS, cursor })}`, {
        workspace,
        signal,
      });
      return { choices: page.items.filter(keep).map(choice), next: page.next_cursor, total: page.total };
    },
  };
}

function nameAt(path: string): Source['name'] {
  return async (workspace, value, signal) =>
    (await ask<{ name: string }>(`${path}/${encodeURIComponent(value)}`, { workspace, signal })).name;
}

const client = ({ id, name, description }: ClientView): Choice => ({ value: id, label: name, hint: description });
const tool = ({ id, name, effect }: ToolView): Choice => ({ value: id, label: name, hint: effect });

export const activeClients = listed<ClientView>({
  id: 'active clients',
  family: 'clients',
  path: '/v1/clients',
  filters: { status: 'active' },
  choice: client,
  name: nameAt('/v1/clients'),
});
export const activeTools = listed<ToolView>({
  id: 'active tools',
  family: 'tools',
  path: '/v1/tools',
  filters: { status: 'active' },
  choice: tool,
  name: nameAt('/v1/tools'),
});
/** Tools by name, archived ones too: what calls and entries are filtered by. */
export const toolNames = listed<ToolView>({
  id: 'names of tools',
  family: 'tools',
  path: '/v1/tools',
  choice: ({ name, effect, status }) => ({ value: name, label: name, hint: status === 'active' ? effect : status }),
  name: async (_ws, value) => value,
});
export const members = listed<MemberView>({
  id: 'members',
  family: 'members',
  path: '/v1/members',
  choice: ({ id, name, email, role }) => ({ value: id, label: name, hint: `${email}, ${role}` }),
  name: async (ws, value, signal) => (await everyone(ws, signal)).find(({ id }) => id === value)?.name ?? value,
});
const everyClient = listed<ClientView>({
  id: 'clients',
  family: 'clients',
  path: '/v1/clients',
  choice: (row) => ({ ...client(row), hint: row.status === 'active' ? 'client' : 'client, revoked' }),
  name: nameAt('/v1/clients'),
});

/** Whoever acts or calls: people and clients in one list, people first. */
export const actors: Source = {
  id: 'actors',
  family: 'clients',
  async find(ws, q, cursor, signal) {
    if (cursor !== undefined) return everyClient.find(ws, q, cursor, signal);
    const [people, clients] = await Promise.all([
      members.find(ws, q, undefined, signal),
      everyClient.find(ws, q, undefined, signal),
    ]);
    const both = people.total && clients.total;
    return {
      choices: [...people.choices, ...clients.choices],
      next: clients.next,
      total: both && {
        count: people.total!.count + clients.total!.count,
        exact: people.total!.exact && clients.total!.exact,
      },
    };
  },
  name: (ws, value, signal) => (value.startsWith('usr_') ? members : everyClient).name(ws, value, signal),
};

/** Connectors of one kind that can be used. */
/** Kinds that go through each other's connectors. */
const isHttp = (kind: string): boolean => kind === 'http' || kind === 'openapi';

export const connectorsOf = (kind: string): Source =>
  listed<ConnectorView>({
    id: `connectors ${kind}`,
    family: 'connectors',
    path: '/v1/connectors',
    filters: { status: 'active' },
    keep: (row) => row.kind === kind || (isHttp(kind) && isHttp(row.kind)),
    choice: ({ id, name, target }) => ({ value: id, label: name, hint: target }),
    name: nameAt('/v1/connectors'),
  });

/** The names of audit events, and their families. All are read at once: there are some dozens. */
export const auditEvents: Source = {
  id: 'audit events',
  family: 'audit-events',
  async find(workspace, q, _cursor, signal) {
    const { items } = await ask<{ items: string[] }>('/v1/audit/event-types', { workspace, signal });
    const families = [...new Set(items.map((name) => name.slice(0, name.indexOf('.') + 1)))];
    const all: Choice[] = [
      ...families.map((value) => ({ value, label: `${value}…`, hint: 'all of this kind' })),
      ...items.map((value) => ({ value, label: value })),
    ];
    const words = q.toLowerCase().replaceAll(' ', '_');
    const choices = all.filter(({ value }) => value.includes(words));
    return { choices, next: null, total: { count: choices.length, exact: true } };
  },
  name: async (_ws, value) => (value.endsWith('.') ? `${value}…` : value),
};
