import type { Found, FoundKind } from '../api/overview.ts';
import type { Permission } from '../api/types.ts';
import { stateWord } from '../components/badge.tsx';
import type { IconName } from '../components/icon.tsx';
import { PLACES, SETTINGS } from './places.ts';

/** Somewhere to go: its path below the workspace's, what it is called and what kind of thing it is. */
export type Goal = {
  readonly kind: string;
  readonly title: string;
  readonly subtitle?: string | null;
  readonly icon: IconName;
  readonly path: string;
};
type May = (permission: Permission) => boolean;

type Kind = { readonly name: string; readonly icon: IconName; readonly path: (id: string, title: string) => string };

const KINDS: Readonly<Record<FoundKind, Kind>> = {
  client: { name: 'client', icon: 'clients', path: (id) => `/clients/${id}` },
  tool: { name: 'tool', icon: 'tools', path: (id) => `/tools/${id}` },
  connector: { name: 'connector', icon: 'plug', path: (id) => `/connectors/${id}` },
  member: { name: 'person', icon: 'person', path: (_id, name) => `/settings/members?q=${encodeURIComponent(name)}` },
  approval: { name: 'approval', icon: 'inbox', path: (id) => `/inbox/${id}` },
  execution: { name: 'call', icon: 'activity', path: (id) => `/activity/${id}` },
};

const IDS: readonly (readonly [RegExp, FoundKind])[] = [
  [/^apv_[0-9a-z]{26}$/, 'approval'],
  [/^exe_[0-9a-z]{26}$/, 'execution'],
  [/^icl_[0-9a-z]{26}$/, 'client'],
  [/^tool_[0-9a-z]{26}$/, 'tool'],
  [/^con_[0-9a-z]{26}$/, 'connector'],
];

type Action = Goal & { readonly needs: Permission };
const ACTIONS: readonly Action[] = [
  act('Stop everything…', 'stop', '/kill-switches?flip=workspace', 'kill_switches.manage'),
  act('Invite a person…', 'person', '/settings/members?invite=yes', 'members.manage'),
  act('New tool', 'plus', '/tools/new', 'tools.manage'),
  act('First steps: connector, tool, client', 'plug', '/start', 'connectors.manage'),
];

function act(title: string, icon: IconName, path: string, needs: Permission): Action {
  return { kind: 'action', title, icon, path, needs };
}

const STOP = /^stop(\s+|$)/i;

/** What the server is asked for: the name that was typed, also behind “stop”. */
export function searchedText(text: string): string {
  return text.trim().replace(STOP, '').trim();
}

/** Pages, actions and ids, which need no server: all that match, or all there are while nothing is typed. */
export function ownGoals(text: string, may: May): Goal[] {
  const words = text.trim().toLowerCase();
  const kind = IDS.find(([form]) => form.test(words))?.[1];
  if (kind) return [goalOf({ kind, id: words, title: words })];
  const pages = PLACES.map(({ to, label, icon }): Goal => ({ kind: 'page', title: label, icon, path: `/${to}` }));
  const parts = SETTINGS.map(
    ({ to, label }): Goal => ({
      kind: 'page',
      title: `Settings: ${label}`,
      icon: 'settings',
      path: `/settings${to && `/${to}`}`,
    }),
  );
  const actions: Goal[] = ACTIONS.filter(({ needs }) => may(needs));
  return [...pages, ...actions, ...parts].filter(({ title }) => title.toLowerCase().includes(words));
}

/** What the server found; after “stop”, the ways to stop it. */
export function foundGoals(found: readonly Found[], text: string, may: May): Goal[] {
  if (!STOP.test(text.trim())) return found.map(goalOf);
  if (!may('kill_switches.manage')) return [];
  return found
    .filter(({ kind }) => kind === 'client' || kind === 'tool')
    .map(({ kind, id, title }) => ({
      kind: 'action',
      title: `Stop ${kind} ${title}…`,
      icon: 'stop',
      path: `/kill-switches?flip=${kind}&target=${id}`,
    }));
}

function goalOf({ kind, id, title, subtitle, status }: Pick<Found, 'kind' | 'id' | 'title'> & Partial<Found>): Goal {
  const { name, icon, path } = KINDS[kind];
  const state = status && kind !== 'member' ? stateWord(status).toLowerCase() : status;
  const about = [subtitle, state].filter(Boolean).join(' · ');
  return { kind: name, title, subtitle: about === '' ? null : about, icon, path: path(id, title) };
}
