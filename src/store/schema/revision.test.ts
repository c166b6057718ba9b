import { expect, test } from 'vitest';
import { REVISION, schemaSha256 } from './migrate.ts';

/** The schema that the revision of `migrate.ts` stands for. */
const RECORDED = { revision: 5, sha256: '41077e08f7411d0e63774ad033033dac7c9d6c431b3797f7b6fbace6d1001828' };

test('a changed schema has a revision of its own, by which an older program knows that it is too old', () => {
  expect(
    { revision: REVISION, sha256: schemaSha256() },
    'The files of the schema have changed. Count REVISION in migrate.ts on, and record here what was received.',
  ).toEqual(RECORDED);
});
