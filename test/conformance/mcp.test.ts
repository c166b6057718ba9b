import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packageFile, runNode } from '../support/mcp-peers.ts';
import { made, openWorkbench, type Workbench } from '../support/workbench.ts';
import { startBearerRelay } from './bearer-relay.ts';
import { type ConformanceFixture, startConformanceFixture } from './mcp-fixture.ts';

/**
 * The protocol's own conformance suite, as its makers publish it, against the gate in front of a fixture upstream: every
 * scenario that a revision requires, and those that it only reports. What does not pass is named here and, with its reason,
 * in docs/mcp.md; a scenario that passes without being expected to fails the test as well.
 */

const SUITE = packageFile('@modelcontextprotocol/conformance', 'dist/index.js');

type Check = { readonly id: string; readonly status: string; readonly errorMessage?: string };

const NOT_PASSED: Readonly<Record<string, readonly string[]>> = {
  '2025-11-25': [],
  '2026-07-28': [],
};

describe('conformance', () => {
  let bench: Workbench;
  let fixture: ConformanceFixture;
  let relay: { readonly url: string; close(): Promise<void> };

  beforeAll(async () => {
    fixture = await startConformanceFixture();
    bench = await openWorkbench('pglite', {}, undefined, fixture.host);
    const { people } = bench;
    const client = await bench.newClient();
    const config = { transport: 'http', url: fixture.url };
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

  test.each(Object.keys(NOT_PASSED))('%s through the gate', { timeout: 300_000 }, async (revision) => {
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
      expect(scenarios.length, ran.out + ran.err).toBeGreaterThan(20);
      if (process.env.TEST_LOG) console.log(revision, scenarios.length, failed);
      expect([...failed.keys()].sort()).toEqual([...NOT_PASSED[revision]!].sort());
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
