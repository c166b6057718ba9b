import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { engines } from '../support/engines.ts';
import { packageFile, runNode } from '../support/mcp-peers.ts';
import { repository } from '../support/sources.ts';
import { made, openWorkbench, type Workbench } from '../support/workbench.ts';
import { startBearerRelay } from './bearer-relay.ts';
import { type ConformanceFixture, startConformanceFixture } from './mcp-fixture.ts';

/**
 * The protocol's own conformance suite, as its makers publish it, against the gate in front of a fixture upstream: every
 * scenario that a revision requires, and those that it only reports. What does not pass is named here and, with its reason,
 * in docs/mcp.md; a scenario that passes without being expected to fails the test as well.
 */

const PAGE = readFileSync(join(repository, 'docs', 'mcp.md'), 'utf8');
const SUITE = packageFile('@modelcontextprotocol/conformance', 'dist/index.js');

type Check = { readonly id: string; readonly status: string; readonly errorMessage?: string };

/** What a revision requires and the gate does not do, and how many scenarios it requires in all. */
const REQUIRED = {
  '2025-11-25': {
    all: 30,
    notPassed: [],
  },
  '2026-07-28': {
    all: 37,
    notPassed: [],
  },
} as const;
type Revision = keyof typeof REQUIRED;

/**
 * What the suite reports without requiring it, and the fixture has nothing for: the gate makes tasks of calls that wait for
 * people, and of nothing else, so tools that take long are none (test/mcp-door.test.ts has those that are).
 */
const REPORTED = [
  'tasks-capability-negotiation',
  'tasks-dispatch-and-envelope',
  'tasks-lifecycle',
  'tasks-mrtr-composition',
  'tasks-mrtr-input',
  'tasks-request-headers',
  'tasks-request-state-removal',
  'tasks-required-task-error',
  'tasks-wire-fields',
];

describe.each(engines)('conformance on %s', (engine) => {
  let bench: Workbench;
  let fixture: ConformanceFixture;
  let relay: { readonly url: string; close(): Promise<void> };

  beforeAll(async () => {
    fixture = await startConformanceFixture();
    bench = await openWorkbench(engine, {}, undefined, fixture.host);
    const { people } = bench;
    const client = await bench.newClient();
    const relays = ['sampling', 'elicitation', 'roots'];
    const config = { transport: 'http', url: fixture.url, relays };
    const { id } = made(await people.admin('POST', '/v1/connectors', { name: 'Suite', kind: 'mcp', config }));
    const offer = made(await people.admin('POST', `/v1/connectors/${id}/mcp/discover`, {}));
    const tools = offer.tools.map(({ name, pin }: { name: string; pin: string }) => ({ name, pin, effect: 'read' }));
    const body = { tools, prompts: offer.prompts.pin, resources: offer.resources.pin };
    const accepted = made(await people.admin('POST', `/v1/connectors/${id}/mcp/accept`, body));
    for (const { name } of accepted.tools) await bench.newGrant(client.id, name, 'auto');
    // One server, by the names that it has itself.
    relay = await startBearerRelay(bench.gate.url, client.token, '/mcp/suite');
  }, 120_000);
  afterAll(async () => {
    await relay?.close();
    await bench?.close();
    await fixture?.close();
  });

  test.each(Object.keys(REQUIRED) as Revision[])('%s through the gate', { timeout: 300_000 }, async (revision) => {
    const folder = mkdtempSync(join(tmpdir(), 'countersign-conformance-'));
    try {
      const ran = await runNode(SUITE, ['server', '--url', relay.url, '--requirements', revision, '-o', folder]);
      const failed = new Map<string, string[]>();
      const scenarios = readdirSync(folder).filter((name) => name.startsWith('server-'));
      for (const name of scenarios) {
        const checks = JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8')) as Check[];
        const faults = checks.filter(({ status }) => status === 'FAILURE');
        const scenario = /^server-(.*?)-\d{4}-\d{2}-\d{2}T/.exec(name)![1]!;
        if (faults.length > 0)
          failed.set(
            scenario,
            faults.map(({ id, errorMessage }) => `${id}: ${errorMessage}`),
          );
      }
      const { all, notPassed } = REQUIRED[revision];
      expect(scenarios.length, ran.out + ran.err).toBeGreaterThanOrEqual(all);
      const unmet = [...failed.keys()].filter((name) => !REPORTED.includes(name)).sort();
      expect(unmet, JSON.stringify([...failed], null, 1)).toEqual([...notPassed]);
      for (const name of notPassed) expect(PAGE, name).toContain(`\`${name}\``);
      expect(PAGE).toContain(`| ${revision} | ${all - notPassed.length} of ${all} |`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
