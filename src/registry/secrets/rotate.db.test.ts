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
    const said: number[] = [];
    const rotated = await rotateSecrets(store, createVault([fresh, old]), ({ done }) => said.push(done));
    expect(rotated).toEqual({ done: 2, of: 3, unopened: [id] });
    expect(said.at(-1)).toBe(2);
    expect(await rotateSecrets(store, createVault([fresh]), () => {})).toMatchObject({ done: 2 });
    expect(await rotateSecrets(store, createVault([old]), () => {})).toMatchObject({ done: 0 });
    const told = await bench.entries({ actor: 'countersign' });
    expect(told.filter(({ outcome }) => outcome === 'encrypted_anew').map(({ data }) => data.versions)).toEqual([2, 2]);
  } finally {
    await bench.close();
  }
});
