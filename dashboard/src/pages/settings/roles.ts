/** The roles that can be given. The ownership is transferred. */
export const ROLES = ['admin', 'member', 'viewer'] as const;
