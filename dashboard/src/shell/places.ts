import type { IconName } from '../components/icon.tsx';

/** A page: its path below the workspace's, its name, its sign, and where it stands. */
export type Place = { readonly to: string; readonly label: string; readonly icon: IconName; readonly group: Group };
type Group = (typeof GROUPS)[number];

export const GROUPS = ['Work', 'Build', 'Govern'] as const;

/** The pages that there are, in the order of the rail: a new one is one line. */
export const PLACES: readonly Place[] = [
  { to: '', label: 'Home', icon: 'home', group: 'Work' },
  { to: 'inbox', label: 'Inbox', icon: 'inbox', group: 'Work' },
  { to: 'drafts', label: 'Drafts', icon: 'draft', group: 'Work' },
  { to: 'activity', label: 'Activity', icon: 'activity', group: 'Work' },
  { to: 'tools', label: 'Tools', icon: 'tools', group: 'Build' },
  { to: 'connectors', label: 'Connectors', icon: 'plug', group: 'Build' },
  { to: 'clients', label: 'Clients', icon: 'clients', group: 'Govern' },
  { to: 'kill-switches', label: 'Kill switches', icon: 'stop', group: 'Govern' },
  { to: 'audit', label: 'Audit', icon: 'audit', group: 'Govern' },
];

/** The parts of Settings, in the order of its own navigation. */
export const SETTINGS: readonly { readonly to: string; readonly label: string }[] = [
  { to: '', label: 'General' },
  { to: 'members', label: 'Members' },
  { to: 'secrets', label: 'Secrets' },
  { to: 'webhooks', label: 'Webhooks' },
  { to: 'account', label: 'Account' },
  { to: 'security', label: 'Security' },
];
