import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Role } from '../store/tables.ts';
import { may, PERMISSIONS, type Permission } from './permissions.ts';

/** The table of docs/roles.md, which people read and admins rely on: this test holds the code to it. */
const page = readFileSync(new URL('../../docs/roles.md', import.meta.url), 'utf8');
const ROLES: readonly Role[] = ['owner', 'admin', 'member', 'viewer'];
const rows = page
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, permission]) => permission?.startsWith('`'))
  .map(([, permission, ...marks]) => [permission?.replaceAll('`', '') as Permission, ...marks] as const);

const cells = rows.flatMap(([permission, ...marks]) =>
  ROLES.map((role, index) => ({ role, permission, expected: marks[index] === 'yes' })),
);

test.each(cells)('$role, $permission: $expected', ({ role, permission, expected }) => {
  expect(may(role, permission)).toBe(expected);
});

test('every permission is in the table, once', () => {
  expect(rows.map(([permission]) => permission).sort()).toEqual(Object.keys(PERMISSIONS).sort());
});

test('an owner may do everything, and whoever may manage may read', () => {
  for (const permission of Object.keys(PERMISSIONS) as Permission[]) expect(may('owner', permission)).toBe(true);
  for (const { role, permission, expected } of cells) {
    const read = permission.replace(/\.\w+$/, '.read');
    if (expected && permission !== read && read in PERMISSIONS) expect(may(role, read as Permission)).toBe(true);
  }
});
