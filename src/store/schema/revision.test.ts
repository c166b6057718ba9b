import { expect, test } from 'vitest';
import { REVISION, schemaSha256 } from './migrate.ts';

/** The schema that the revision of `migrate.ts` stands for. */
const RECORDED = { revision: 3, sha256: 'a9e874bff1dc88d2de9b474cac2b41b229daf77262bb96c855ae5124d6552881' };

test('a changed schema has a revision of its own, by which an older program knows that it is too old', () => {
  expect(
    { revision: REVISION, sha256: schemaSha256() },
    'The files of the schema have changed. Count REVISION in migrate.ts on, and record here what was received.',
  ).toEqual(RECORDED);
});
