import { expect, test } from 'vitest';
import { REVISION, schemaSha256 } from './migrate.ts';

/** The schema that the revision of `migrate.ts` stands for. */
const RECORDED = { revision: 5, sha256: 'd46973deb3b1970c089b894c191cb25b3e246be3d74a89a8ad7a2f8da37f152b' };

test('a changed schema has a revision of its own, by which an older program knows that it is too old', () => {
  expect(
    { revision: REVISION, sha256: schemaSha256() },
    'The files of the schema have changed. Count REVISION in migrate.ts on, and record here what was received.',
  ).toEqual(RECORDED);
});
