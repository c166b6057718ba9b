import { expect, test } from 'vitest';
import type { PeerReply } from './peer.ts';
import { type Meetable, Peers } from './peers.ts';

test('one workspace does not take the places of all others', async () => {
  const peers = new Peers({ maxPeers: 4 });
  const waiting: ((reply: PeerReply) => void)[] = [];
  const offers = { tools: true, prompts: false, resources: false, completions: false };
  const make = (): Meetable => ({
    server: { name: '', version: '', protocol: '', tellsChanges: false, offers },
    changes: 0,
    isOpen: true,
    meet: async () => {},
    ask: () => new Promise((resolve) => waiting.push(resolve)),
    close: () => {},
  });
  const ask = (tenantId: string, connectorId: string) =>
    peers.ask(
      { key: `${tenantId} ${connectorId}`, make, isClean: async () => true },
      { tenantId, connectorId },
      'tools/call',
      {},
      { timeoutMs: 1_000 },
    );
  const running = [ask('a', '1'), ask('a', '2')];
  expect(await ask('a', '3')).toMatchObject({ kind: 'not_sent' });
  running.push(ask('b', '1'));
  while (waiting.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
  for (const answer of waiting) answer({ kind: 'result', result: '{}', value: {} });
  expect((await Promise.all(running)).map(({ kind }) => kind)).toEqual(['result', 'result', 'result']);
  await peers.close();
});
