import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../support/engines.ts';
import { made, openWorkbench, type Workbench } from '../support/workbench.ts';
import { approvalCommands } from './commands.ts';
import { playWaves, runsOfWaves } from './concurrent.ts';
import { ApprovalModel } from './reference.ts';
import { System } from './system.ts';

/** TEST_SEED repeats what happens; how things that happen at once interleave is the scheduler's. */
const seed = Number(process.env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 31));
const COMMANDS_MAX = 100;

describe.each(engines)('the approval machine on %s', (engine) => {
  let bench: Workbench;
  beforeAll(async () => {
    console.info(`approval machine on ${engine}: TEST_SEED=${seed}`);
    bench = await openWorkbench(engine);
  });
  afterAll(() => bench?.close());

  test('does what the reference model does, whatever happens in whatever order', { timeout: 180_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(approvalCommands(COMMANDS_MAX), async (commands) => {
        const system = await System.open(bench);
        const model = new ApprovalModel();
        try {
          await fc.asyncModelRun(() => ({ model, real: system }), commands);
          await expectTraces(bench, model, system);
        } finally {
          await system.close();
        }
      }),
      { seed, numRuns: 10 },
    );
  });

  test('lets nothing into the ledger that it does not allow, whoever acts at once', { timeout: 180_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(runsOfWaves, (run) => playWaves(bench, run)),
      // The same acts interleave otherwise the next time, so a smaller counterexample would say little.
      { seed, numRuns: 12, endOnFailure: true },
    );
  });

  test('leaves a chain that verifies', async () => {
    await bench.gate.sequenced();
    expect(made(await bench.people.owner('POST', '/v1/audit/verify'))).toMatchObject({ ok: true });
  });
});

/** What is left behind: each transition's audit entry, once and in order, and one call upstream per consumption. */
async function expectTraces(bench: Workbench, model: ApprovalModel, system: System): Promise<void> {
  await system.sweep();
  for (const [index, { id, executionId }] of system.approvals.entries()) {
    const approval = model.approvals[index]!;
    model.expire(approval);
    const entries = await bench.entries({ resources: [id, executionId] });
    const events = entries.map(({ event_type }) => event_type);
    const ran = approval.status === 'consumed';
    expect(events.filter((event) => event.startsWith('approval.'))).toEqual(
      approval.events.map((event) => `approval.${event}`),
    );
    expect(events.filter((event) => event.startsWith('execution.'))).toEqual(
      ran ? ['execution.started', 'execution.executed'] : approval.wasRefused ? ['execution.denied'] : [],
    );
    expect(bench.stub.arrivedWith(executionId)).toBe(ran ? 1 : 0);
  }
}
