import { expect, test } from 'vitest';
import { REVISION, schemaSha256 } from './migrate.ts';

/** The schema that the revision of `migrate.ts` stands for. */
const RECORDED = { revision: 4, sha256: 'f7250056fa3431f284d5be1538ca4451ce2d4f12184bd7fe230fa102b6c6edd2' };

test('a changed schema has a revision of its own, by which an older program knows that it is too old', () => {
  expect(
    { revision: REVISION, sha256: schemaSha256() },
    'The files of the schema have changed. Count REVISION in migrate.ts on, and record here what was received.',
  ).toEqual(RECORDED);
});
