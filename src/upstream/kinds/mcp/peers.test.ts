import { expect, test } from 'vitest';
import type { PeerReply } from './peer.ts';
import { type Meetable, Peers } from './peers.ts';
import { StdioPeer } from './stdio/peer.ts';

test('one workspace does not take the places of all others', async () => {
  const peers = new Peers({ maxPeers: 4 });
  const waiting: ((reply: PeerReply) => void)[] = [];
  const offers = { tools: true, prompts: false, resources: false, completions: false };
  const make = (): Meetable => ({
    server: { name: '', version: '', protocol: '', tellsChanges: false, tellsUpdates: false, offers },
    changes: 0,
    onUpdated: undefined,
    watch: async () => ({ kind: 'result', result: '{}', value: {} }),
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

test('one workspace does not take the places of all others for processes, and makes room of its own idle ones alone', async () => {
  const peers = new Peers({ maxProcesses: 4 });
  const waiting: ((reply: PeerReply) => void)[] = [];
  const ended: string[] = [];
  const running = new Set<string>();
  let most = 0;
  const offers = { tools: true, prompts: false, resources: false, completions: false };
  /** A process that is none, as far as it is counted as one. */
  class Pretended extends StdioPeer {
    readonly #key: string;
    #isOpen = false;
    constructor(key: string) {
      super({ command: '', args: [], env: {} }, { maxLineBytes: 1, maxMemoryBytes: 1 }, []);
      this.#key = key;
    }
    override get server() {
      return { name: '', version: '', protocol: '', tellsChanges: false, tellsUpdates: false, offers };
    }
    override get isOpen(): boolean {
      return this.#isOpen;
    }
    override async meet(): Promise<void> {
      this.#isOpen = true;
      running.add(this.#key);
      most = Math.max(most, running.size);
    }
    override ask(): Promise<PeerReply> {
      return new Promise((resolve) => waiting.push(resolve));
    }
    override async ended(): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, 5));
      this.#isOpen = false;
      running.delete(this.#key);
      ended.push(this.#key);
    }
  }
  const ask = (tenantId: string, connectorId: string) => {
    const key = `${tenantId} ${connectorId}`;
    const reached = { key, make: () => new Pretended(key), isClean: async () => true };
    return peers.ask(reached, { tenantId, connectorId }, 'tools/call', {}, { timeoutMs: 1_000 });
  };
  const answered = async (count: number): Promise<void> => {
    while (waiting.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
    for (const answer of waiting.splice(0)) answer({ kind: 'result', result: '{}', value: {} });
  };
  const asked = [ask('a', '1'), ask('a', '2')];
  expect(await ask('a', '3')).toMatchObject({ kind: 'not_sent' });
  asked.push(ask('b', '1'), ask('b', '2'));
  await answered(4);
  await Promise.all(asked);
  const another = ask('a', '3');
  await answered(1);
  expect(await another).toMatchObject({ kind: 'result' });
  expect(ended).toEqual(['a 1']);
  // The one in its place was started when it had ended.
  expect(most).toBe(4);
  await peers.close();
});

test('what was watched with secrets that nobody has any more is watched with those in their place', async () => {
  const peers = new Peers({ lookMs: 5 });
  const offers = { tools: true, prompts: false, resources: true, completions: false };
  const watched: string[] = [];
  const closed: string[] = [];
  const reached = (key: string, caller: string) => ({
    key,
    caller,
    isClean: async () => true,
    make: (): Meetable => ({
      server: { name: '', version: '', protocol: '', tellsChanges: false, tellsUpdates: true, offers },
      changes: 0,
      onUpdated: undefined,
      watch: async (uri) => {
        watched.push(`${key} ${uri}`);
        return { kind: 'result', result: '{}', value: {} };
      },
      isOpen: true,
      meet: async () => {},
      ask: async () => ({ kind: 'result', result: '{}', value: {} }),
      close: () => void closed.push(key),
    }),
  });
  const whose = { tenantId: 'a', connectorId: '1' };
  const asking = { timeoutMs: 1_000 };
  await peers.watch(reached('old', 'client 1'), whose, 'a://1', asking);
  await peers.ask(reached('old', 'client 2'), whose, 'tools/call', {}, asking);
  await peers.ask(reached('new', 'client 1'), whose, 'tools/call', {}, asking);
  expect(watched).toEqual(['old a://1']);
  await peers.ask(reached('new', 'client 2'), whose, 'tools/call', {}, asking);
  expect(watched).toEqual(['old a://1', 'new a://1']);
  while (closed.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(closed).toEqual(['old']);
  await peers.close();
});
