import { expect, test } from 'vitest';
import { deny } from '../../kernel/codes.ts';
import type { FactsReader } from '../facts/reader.ts';
import type { Rules } from '../rule/rule.ts';
import { createPassThrough } from './pass.ts';

test('nothing is looked up for a caller that asks too often, and it is counted', async () => {
  let reads = 0;
  const facts = {
    granted: async () => {
      reads += 1;
      return { tools: [], switchesOn: [] };
    },
  } as unknown as FactsReader;
  const counted: string[] = [];
  const passing = createPassThrough(
    facts,
    {} as Rules,
    async () => {
      throw new Error('nothing to dispatch');
    },
    {
      admit: () => deny('rate_limited'),
      keepWatching: () => {},
      countedOut: async (_, refusal) => {
        counted.push(refusal.code);
        return refusal;
      },
    },
  );
  const credential = { kind: 'token', sha256: 'a' } as const;
  const answer = await passing.pass({ via: 'mcp', credential, method: 'prompts/get', params: { name: 'a.b' } });
  expect(answer).toMatchObject({ kind: 'deny', code: 'rate_limited' });
  expect([reads, counted]).toEqual([0, ['rate_limited']]);
});
