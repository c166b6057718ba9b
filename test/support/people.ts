/** The people of a test's workspace, by what they are. */
export const PEOPLE = ['owner', 'admin', 'second_admin', 'member', 'viewer'] as const;
export type PersonName = (typeof PEOPLE)[number];
