import pino from 'pino';
import { Callers } from '../../src/gateway/admit/callers.ts';
import { type Call, newCall } from '../../src/gateway/call.ts';
import type { Facts } from '../../src/gateway/facts/facts.ts';
import { FactsReader } from '../../src/gateway/facts/reader.ts';
import { intentWrite, outcomeWrite } from '../../src/gateway/record/writes.ts';
import { createRules } from '../../src/gateway/rule/rule.ts';
import type { Go } from '../../src/gateway/rule/ruling.ts';
import { sha256Hex } from '../../src/kernel/hash.ts';
import { newId } from '../../src/kernel/ids.ts';
import { canonicalBytesOf } from '../../src/kernel/jcs.ts';
import type { JsonObject } from '../../src/kernel/strict-json.ts';
import { Sequencer } from '../../src/ledger/sequencer.ts';
import type { Store } from '../../src/store/store.ts';
import { AUTO_TOOL, type SeededWorkspace } from '../gate/seed.ts';
import { payload } from '../payload.ts';
import { awaited, type Part, throughput } from './part.ts';

/** Nothing is sent here, so nothing has to be ready to be. */
const RULES = createRules({
  prepare: () => ({ kind: 'prepared', handlerKind: 'noop', request: null, timeoutMs: 30_000 }),
});

/** What reads or writes the database, on one engine. */
export async function storedParts(
  store: Store,
  workspaces: readonly SeededWorkspace[],
  sequencerEntries: number,
): Promise<Part[]> {
  const engine = store.engine.kind === 'postgres' ? 'PostgreSQL' : 'embedded';
  const reader = new FactsReader(store, async () => {});
  const sha256 = sha256Hex(workspaces[0]!.token);
  const callers = new Callers(store);
  const { caller } = (await callers.read(sha256))!;
  const call = callWith(sha256);
  const facts = (await reader.of(call, caller, true))!;
  const write = (): Promise<unknown> => intent(store, callWith(sha256), facts);
  const inRun = (): Promise<unknown> => intent(store, callWith(sha256), { ...facts, runLabels: [] });
  const lookUp = () =>
    store.withCredential({ tokenSha256: [sha256] }, (db) =>
      db.selectFrom('client_tokens').select(['tenant_id', 'id']).where('token_sha256', '=', sha256).execute(),
    );
  return [
    awaited(`token lookup in the database, ${engine}`, lookUp),
    awaited(
      `token and facts, remembered, ${engine}`,
      () => callers.remembered(sha256) && reader.of(call, caller, false),
    ),
    awaited(`token and facts, from the database, ${engine}`, () =>
      callers.read(sha256).then(() => reader.of(call, caller, true)),
    ),
    awaited(`intent made durable, ${engine}, 1 caller`, write),
    throughput(`intents made durable, ${engine}, 1 caller`, 1, write),
    throughput(`intents made durable, ${engine}, 32 callers`, 32, write),
    throughput(`intents made durable, ${engine}, 128 callers`, 128, write),
    throughput(`intents whose rules look at the run, ${engine}, 32 callers`, 32, inRun),
    throughput(`intents whose rules look at the run, ${engine}, 128 callers`, 128, inRun),
    sequencing(store, callers, reader, `sequencer, ${engine}, 1 workspace`, workspaces.slice(0, 1), sequencerEntries),
    sequencing(
      store,
      callers,
      reader,
      `sequencer, ${engine}, ${workspaces.length} workspaces`,
      workspaces,
      sequencerEntries,
    ),
  ];
}

function callWith(sha256: string): Call {
  const args = payload() as JsonObject;
  return newCall({
    via: 'rest',
    credential: { kind: 'token', sha256 },
    ip: '127.0.0.1',
    requestId: newId('req'),
    toolName: AUTO_TOOL,
    arguments: args,
    argumentsCanonical: canonicalBytesOf(args),
  });
}

async function intent(store: Store, call: Call, facts: Facts): Promise<Go> {
  const ruling = RULES.rule(call, facts);
  if (ruling.outcome !== 'go') throw new Error('A call was refused');
  const written = await store.write(intentWrite(call, facts, ruling, store.clock.now(), false));
  if (!written.ok) throw new Error(`An intent was ${written.why}`);
  return ruling;
}

/** How many queued events of calls a second the sequencer takes into chains and lists. Making them is not counted. */
function sequencing(
  store: Store,
  callers: Callers,
  reader: FactsReader,
  name: string,
  workspaces: readonly SeededWorkspace[],
  entries: number,
): Part {
  const sequencer = new Sequencer(store, pino({ level: 'error' }));
  const each = Math.ceil(entries / 2 / workspaces.length);
  return {
    name,
    unit: '/s',
    async measure() {
      await sequencer.drain();
      const all = Array.from({ length: each }, () => workspaces).flat();
      for (let made = 0; made < all.length; made += AT_ONCE) {
        await Promise.all(
          all.slice(made, made + AT_ONCE).map((workspace) => recordCall(store, callers, reader, workspace)),
        );
      }
      const started = performance.now();
      const moved = await sequencer.drain();
      if (moved !== 2 * each * workspaces.length) throw new Error(`The sequencer moved ${moved} entries`);
      return (moved / (performance.now() - started)) * 1000;
    },
  };
}

/** Most calls begin and end within one round, as those of a gate under load do. */
const AT_ONCE = 64;

async function recordCall(
  store: Store,
  callers: Callers,
  reader: FactsReader,
  { token }: SeededWorkspace,
): Promise<void> {
  const sha256 = sha256Hex(token);
  const call = callWith(sha256);
  const { caller } = callers.remembered(sha256) ?? (await callers.read(sha256))!;
  const facts = (await reader.of(call, caller, false))!;
  const go = await intent(store, call, facts);
  const outcome = { status: 'executed', result: '{"ok":true,"id":"msg_0000000000000001"}' } as const;
  await store.write(outcomeWrite(call, facts, go, outcome, store.clock.now()));
}
