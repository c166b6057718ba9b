import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { engines } from './support/engines.ts';
import { startGate } from './support/gate.ts';
import { repository } from './support/sources.ts';

describe.each(engines)('examples on %s', (engine) => {
  test('first-governed-call.sh walks through the main job, twice on one demo', { timeout: 90_000 }, async () => {
    const gate = await startGate(engine);
    const folder = mkdtempSync(join(tmpdir(), 'countersign-example-'));
    try {
      const file = join(folder, 'demo.json');
      const demo = { url: gate.url, upstream_url: gate.upstream.url, workspaces: [gate.demo, gate.other] };
      writeFileSync(file, JSON.stringify(demo, null, 2));
      for (let run = 1; run <= 2; run += 1) {
        const script = join(repository, 'examples', 'first-governed-call.sh');
        const { stdout } = await promisify(execFile)('bash', [script, file]);
        expect(stdout).toContain('mails in the outbox: 1');
        expect(stdout).toContain('refunds paid: 1');
        expect(stdout).toContain('"ok":true');
      }
      expect(gate.upstream.state.outbox.length).toBe(2);
      expect(gate.upstream.state.refunds.length).toBe(2);
    } finally {
      await gate.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
