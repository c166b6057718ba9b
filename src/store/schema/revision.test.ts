import { expect, test } from 'vitest';
import { REVISION, schemaSha256 } from './migrate.ts';

/** The schema that the revision of `migrate.ts` stands for. */
const RECORDED = { revision: 5, sha256: 'aeeb9efbcde1345a90383b935ce15607dbc6fa145004db018cbed8bfa1671dab' };

test('a changed schema has a revision of its own, by which an older program knows that it is too old', () => {
  expect(
    { revision: REVISION, sha256: schemaSha256() },
    'The files of the schema have changed. Count REVISION in migrate.ts on, and record here what was received.',
  ).toEqual(RECORDED);
});
