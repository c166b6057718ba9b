import { expect, test } from 'vitest';
import { isNotAbout, readAbout } from './about-call.ts';

test('members and headers say the same thing', () => {
  expect(readAbout({}, {})).toEqual({});
  expect(readAbout({ run_id: 'r1', on_behalf_of: 'Zoë' }, {})).toEqual({ runId: 'r1', onBehalfOf: 'Zoë' });
  const headers = { 'countersign-run-id': 'r1', 'countersign-on-behalf-of': 'Ada Lovelace' };
  expect(readAbout({}, headers)).toEqual({ runId: 'r1', onBehalfOf: 'Ada Lovelace' });
  expect(readAbout({ run_id: 'r1' }, headers)).toEqual({ runId: 'r1', onBehalfOf: 'Ada Lovelace' });
});

test.each([
  ['another name in the body than in the header', { run_id: 'r2' }, { 'countersign-run-id': 'r1' }, 'run_id'],
  ['a name that is none', { run_id: 'two words' }, {}, 'run_id'],
  ['a name that is no text', { run_id: 7 }, {}, 'run_id'],
  ['null', { on_behalf_of: null }, {}, 'on_behalf_of'],
  ['a header that is empty', {}, { 'countersign-run-id': '' }, 'run_id'],
  ['two headers', {}, { 'countersign-run-id': 'r1, r2' }, 'run_id'],
  ['a header that is not ASCII', {}, { 'countersign-on-behalf-of': 'Zo\u00eb' }, 'on_behalf_of'],
])('refused: %s', (_what, said, headers, member) => {
  const about = readAbout(said, headers);
  expect(isNotAbout(about) && about.member).toBe(member);
});
