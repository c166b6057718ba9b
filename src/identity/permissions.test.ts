import { expect, test } from 'vitest';
import type { Role } from '../store/tables.ts';
import { may, PERMISSIONS, type Permission } from './permissions.ts';

/** The whole matrix once more, as docs/roles.md shows it: x may, . may not. Owner, admin, member, viewer. */
const MATRIX = `
  workspace.read        x x x x
  workspace.update      x x . .
  owner.transfer        x . . .
  members.read          x x x x
  members.manage        x x . .
  clients.read          x x x x
  clients.manage        x x . .
  tokens.manage         x x . .
  connectors.read       x x x x
  connectors.manage     x x . .
  tools.read            x x x x
  tools.manage          x x . .
  tools.test            x x x .
  grants.read           x x x x
  grants.manage         x x . .
  kill_switches.read    x x x x
  kill_switches.manage  x x . .
  executions.read       x x x x
  approvals.read        x x x x
  approvals.decide      x x x .
  approvals.cancel      x x x .
  audit.read            x x . x
  audit.verify          x x . .
  audit.export          x x . x
  events.read           x x x x
`;
const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'viewer'];
const rows = MATRIX.trim()
  .split('\n')
  .map((line) => line.trim().split(/\s+/) as [Permission, ...string[]]);

const cells = rows.flatMap(([permission, ...marks]) =>
  ROLES.map((role, index) => ({ role, permission, expected: marks[index] === 'x' })),
);

test.each(cells)('$role, $permission: $expected', ({ role, permission, expected }) => {
  expect(may(role, permission)).toBe(expected);
});

test('every permission is in the matrix, once', () => {
  expect(rows.map(([permission]) => permission).sort()).toEqual(Object.keys(PERMISSIONS).sort());
});

test('an owner may do everything, and whoever may manage may read', () => {
  for (const permission of Object.keys(PERMISSIONS) as Permission[]) expect(may('owner', permission)).toBe(true);
  for (const { role, permission, expected } of cells) {
    const read = permission.replace(/\.\w+$/, '.read');
    if (expected && permission !== read && read in PERMISSIONS) expect(may(role, read as Permission)).toBe(true);
  }
});
