import { expect, test } from 'vitest';
import { engines } from '../../../test/support/engines.ts';
import { made, openWorkbench } from '../../../test/support/workbench.ts';
import { secretsKeys } from '../../secrets-key.ts';
import { createVault } from '../../vault/vault.ts';
import { rotateSecrets } from './rotate.ts';

test.each(engines)('every version is encrypted anew while the node serves, on %s', async (engine) => {
  const bench = await openWorkbench(engine);
  try {
    const { store, settings } = bench.gate.running.app;
    const [old, fresh] = [secretsKeys(settings)[0]!, Buffer.alloc(32, 'a new key')];
    const write = async (name: string) =>
      made(await bench.people.owner('POST', '/v1/secrets', { name, value: `value of ${name}`, hosts: ['a.example'] }));
    await write('TWICE');
    await write('TWICE');
    const { id } = await write('ONCE');
    await bench.sql("update secret_versions set sealed = 'gAAAAAB' where secret_id = $1", [id]);
    await bench.people.owner('POST', '/v1/webhooks', { url: 'https://a.example/hooks', events: ['*'] });
    await bench.people.owner('PUT', '/v1/notices/slack', { url: 'https://hooks.slack.com/services/T/B/x' });
    await bench.people.owner('GET', '/v1/notices');
    const said: number[] = [];
    const rotated = await rotateSecrets(store, createVault([fresh, old]), ({ done }) => said.push(done));
    expect(rotated).toEqual({ done: 5, of: 6, unopened: [id] });
    expect(said.at(-1)).toBe(5);
    expect(await rotateSecrets(store, createVault([fresh]), () => {})).toMatchObject({ done: 5 });
    expect(await rotateSecrets(store, createVault([old]), () => {})).toMatchObject({ done: 0 });
    const told = await bench.entries({ actor: 'countersign' });
    expect(told.filter(({ outcome }) => outcome === 'encrypted_anew').map(({ data }) => data.versions)).toEqual([4, 4]);
  } finally {
    await bench.close();
  }
});
