import { test } from 'vitest';
import { startGate } from '/work/main/test/support/gate.ts';

test.each(['pglite', 'postgres'] as const)('%s', async (e) => {
  const t0 = performance.now();
  const gate = await startGate(e);
  console.log(e, 'start', performance.now() - t0);
  const owner = await gate.person('owner');
  const c = gate.client();
  const call = () => c('POST', '/api/agent/gateway', { tool: 'help.search', arguments: { q: 'refund' } });
  console.log((await call()).status);
  const k = await owner('POST', '/v1/kill-switches', { scope: 'workspace', reason: 'x' });
  console.log(k.status, k.text);
  const r = await call();
  console.log(r.status, r.text);
  for (const body of [
    '{"tool":"a\\u0000b","arguments":{}}',
    '{"tool":"help.search","arguments":{},"approval_id":"a\\u0000b"}',
  ]) {
    const r = await c('POST', '/api/agent/gateway', body);
    console.log(r.status, r.text);
  }
  for (const p of [
    '/v1/audit?tool=%00',
    '/v1/audit?cursor=1e300',
    '/v1/audit?from=0000-01-01T00:00:00Z',
    '/v1/executions?tool=%00',
    '/v1/clients/%zz',
    '/v1/clients/%00',
  ]) {
    const r = await owner('GET', p);
    console.log(p, r.status, r.text.slice(0, 200));
  }
  await gate.close();
});
