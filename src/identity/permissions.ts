import type { Role } from '../store/tables.ts';

const owner = ['owner'] as const;
const admins = ['owner', 'admin'] as const;
const members = ['owner', 'admin', 'member'] as const;
const everyone = ['owner', 'admin', 'member', 'viewer'] as const;

/**
 * Who may do what, in one table. Every route names one of these, or the server does not start.
 * A permission says what a role may ask for; deciding an approval has further rules of its own
 * (`governance/approvals/decide.ts`).
 */
export const PERMISSIONS = {
  'workspace.read': everyone,
  'workspace.update': admins,
  'owner.transfer': owner,
  'members.read': everyone,
  'members.manage': admins,
  'clients.read': everyone,
  'clients.manage': admins,
  'tokens.manage': admins,
  'connectors.read': everyone,
  'connectors.manage': admins,
  'secrets.read': admins,
  'secrets.manage': admins,
  'tools.read': everyone,
  'tools.manage': admins,
  'tools.test': members,
  'grants.read': everyone,
  'grants.manage': admins,
  'kill_switches.read': everyone,
  'kill_switches.manage': admins,
  'kill_switches.break_glass': owner,
  'executions.read': everyone,
  'approvals.read': everyone,
  'approvals.decide': members,
  'approvals.cancel': members,
  'drafts.read': everyone,
  'drafts.publish': members,
  'webhooks.read': admins,
  'webhooks.manage': admins,
  'audit.read': ['owner', 'admin', 'viewer'],
  'audit.verify': admins,
  'audit.export': ['owner', 'admin', 'viewer'],
  'events.read': everyone,
} as const satisfies Record<string, readonly Role[]>;

export type Permission = keyof typeof PERMISSIONS;

/** Whether a role carries a permission. */
export function may(role: Role, permission: Permission): boolean {
  return (PERMISSIONS[permission] as readonly Role[]).includes(role);
}
