import type { IconName } from '../components/icon.tsx';

export type Place = { to: string; label: string; icon: IconName; small?: boolean };

/** The pages, in the order of the working day. `small` ones are in the phone's bar; the rest behind "More". */
export const PLACES: readonly Place[] = [
  { to: 'inbox', label: 'Inbox', icon: 'inbox', small: true },
  { to: 'activity', label: 'Activity', icon: 'activity', small: true },
  { to: 'kill-switches', label: 'Kill switches', icon: 'stop', small: true },
  { to: 'clients', label: 'Clients', icon: 'clients' },
  { to: 'tools', label: 'Tools', icon: 'tools' },
  { to: 'audit', label: 'Audit', icon: 'audit' },
  { to: 'settings', label: 'Settings', icon: 'settings' },
];
