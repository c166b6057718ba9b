import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { rotateSecrets } from '../src/registry/secrets/rotate.ts';
import { secretsKeys } from '../src/secrets-key.ts';
import { BadSettings, readSettings, type Settings } from '../src/settings.ts';
import { openVault } from '../src/startup/open-vault.ts';
import { awsDataKeys, KeyServiceFault } from '../src/vault/aws-kms.ts';
import { readKmsKeys } from '../src/vault/kms-key.ts';
import { createVault } from '../src/vault/vault.ts';
import { engines } from './support/engines.ts';
import { type KmsServer, startKmsServer } from './support/kms-server.ts';
import { type ReflectingUpstream, startReflectingUpstream } from './support/reflecting-upstream.ts';
import { made, openWorkbench, type Workbench } from './support/workbench.ts';

const [TENANT, OTHER] = ['01900000-0000-7000-8000-000000000001', '01900000-0000-7000-8000-000000000002'];
const KEY = Buffer.alloc(32, 'the key of the installation');
const bound = { tenantId: TENANT, id: 'sec_1', name: 'A', clientId: null, hosts: ['a.example'], number: 1 };
const own = { encrypts: true, ids: ['alias/own'] };

let kms: KmsServer;
const environment = { ...process.env };
beforeAll(async () => {
  kms = await startKmsServer(['alias/own', 'alias/new', 'alias/others']);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_KMS: kms.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'of the test',
    AWS_CONFIG_FILE: '/nonexistent',
    AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
});
afterAll(async () => {
  process.env = environment;
  await kms?.close();
});
beforeEach(() => {
  kms.trouble = () => undefined;
  kms.asked.length = 0;
});
afterEach(() => vi.useRealTimers());

describe('data keys of AWS KMS', () => {
  test('a value is sealed under one and opened with it, for its workspace alone', async () => {
    const vault = createVault([KEY], awsDataKeys(own));
    const sealed = await vault.seal(bound, 'a value');
    expect(sealed).toMatch(/^aws:1:[\w-]+:gAAAAA/);
    expect(kms.asked).toEqual([
      {
        operation: 'GenerateDataKey',
        signed: true,
        body: { KeyId: 'alias/own', KeySpec: 'AES_256', EncryptionContext: { 'countersign:tenant': TENANT } },
      },
    ]);
    expect(await vault.open(sealed, bound)).toBe('a value');
    expect(kms.asked.at(-1)).toMatchObject({ operation: 'Decrypt', body: { KeyId: 'alias/own' } });
    expect(await vault.open(sealed, { ...bound, tenantId: OTHER })).toBeNull();
    expect(await vault.open(sealed, { ...bound, id: 'sec_2' })).toBeNull();
    expect(await vault.open(`${sealed.slice(0, -6)}AAAA==`, bound)).toBeNull();
    expect(await vault.open('aws:1:AAAA:gAAAAA', bound)).toBeNull();
    expect(await vault.open('aws:2:AAAA:gAAAAA', bound)).toBeNull();
    expect(await createVault([KEY]).open(sealed, bound)).toBeNull();
  });

  test('one data key serves many values, and another workspace has its own', async () => {
    const vault = createVault([KEY], awsDataKeys(own));
    const sealed = await Promise.all(Array.from({ length: 150 }, () => vault.seal(bound, 'a value')));
    await vault.seal({ ...bound, tenantId: OTHER }, 'a value');
    expect(kms.asked.map(({ operation }) => operation)).toEqual(Array(3).fill('GenerateDataKey'));
    await Promise.all(sealed.map((one) => vault.open(one, bound)));
    expect(kms.asked.filter(({ operation }) => operation === 'Decrypt')).toHaveLength(2);
  });

  test('only our own keys open, and a new one behind which the old one stands opens both', async () => {
    const theirs = await createVault([KEY], awsDataKeys({ encrypts: true, ids: ['alias/others'] })).seal(
      bound,
      'planted',
    );
    expect(await createVault([KEY], awsDataKeys(own)).open(theirs, bound)).toBeNull();
    const old = await createVault([KEY], awsDataKeys(own)).seal(bound, 'a value');
    const both = createVault([KEY], awsDataKeys({ encrypts: true, ids: ['alias/new', 'alias/own'] }));
    expect(await both.open(old, bound)).toBe('a value');
    const resealed = await both.reseal(old, TENANT);
    const fresh = createVault([KEY], awsDataKeys({ encrypts: true, ids: ['alias/new'] }));
    expect(await fresh.open(resealed!, bound)).toBe('a value');
    const back = createVault([KEY], awsDataKeys({ encrypts: false, ids: ['alias/new'] }));
    expect(await createVault([KEY]).open((await back.reseal(resealed!, TENANT))!, bound)).toBe('a value');
  });

  test('throttling is waited out, and a service that fails or hangs is a fault, remembered by nobody', async () => {
    const vault = createVault([KEY], awsDataKeys(own));
    kms.trouble = (nth) => (nth < 2 ? { status: 400, type: 'ThrottlingException' } : undefined);
    const sealed = await vault.seal(bound, 'a value');
    expect(kms.asked).toHaveLength(3);
    kms.trouble = () => ({ status: 500, type: 'KMSInternalException' });
    await expect(vault.open(sealed, bound)).rejects.toThrow(KeyServiceFault);
    await expect(vault.seal({ ...bound, tenantId: OTHER }, 'x')).rejects.toMatchObject({ isSettled: false });
    kms.trouble = () => ({ status: 400, type: 'AccessDeniedException' });
    await expect(vault.open(sealed, bound)).rejects.toMatchObject({ isSettled: true });
    kms.trouble = () => undefined;
    expect(await vault.open(sealed, bound)).toBe('a value');
  });

  test('one that never answers is given up', async () => {
    const given = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.abort(new Error('time is up')));
    kms.trouble = () => 'hang';
    await expect(createVault([KEY], awsDataKeys(own)).seal(bound, 'x')).rejects.toThrow(KeyServiceFault);
    expect(given).toHaveBeenCalledWith(8000);
    given.mockRestore();
  });
});

describe('the setting', () => {
  test.each([
    ['alias/countersign', true, ['alias/countersign']],
    ['1234abcd-12ab-34cd-56ef-1234567890ab', true, ['1234abcd-12ab-34cd-56ef-1234567890ab']],
    ['arn:aws:kms:eu-central-1:111122223333:alias/a', true, ['arn:aws:kms:eu-central-1:111122223333:alias/a']],
    ['alias/new, alias/old', true, ['alias/new', 'alias/old']],
    ['none,alias/old', false, ['alias/old']],
  ])('%s is taken', (text, encrypts, ids) => {
    expect(readKmsKeys(text)).toEqual({ encrypts, ids });
  });

  test.each([
    ['my key', 'must be a key of AWS KMS'],
    [
      'alias/a,',
      'must be a key of AWS KMS by its id, ARN or alias, such as alias/countersign, and key 2 of it is not.',
    ],
    ['alias/a,alias/a', 'names one key twice'],
    ['none', 'names no key behind none'],
    [
      'arn:aws:kms:eu-central-1:111122223333:alias/a,arn:aws:kms:eu-west-1:111122223333:alias/b',
      'names keys of several regions',
    ],
    ['arn:aws:s3:eu-central-1:111122223333:alias/a', 'must be a key of AWS KMS'],
  ])('%s is told in one sentence', (text, says) => {
    expect(() => readSettings({ COUNTERSIGN_KMS_KEY_ID: text })).toThrow(`COUNTERSIGN_KMS_KEY_ID ${says}`);
  });

  const opening = (id: string) =>
    openVault({ ...readSettings({}), COUNTERSIGN_KMS_KEY_ID: readKmsKeys(id) } as Settings, [KEY]);

  test('a key that cannot be used stops the start, and a service that is away only warns', async () => {
    await expect(opening('alias/nobody')).rejects.toThrow(
      new BadSettings('COUNTERSIGN_KMS_KEY_ID cannot be used: AWS KMS has no such key in this region.'),
    );
    for (const type of ['AccessDeniedException', 'DisabledException', 'UnrecognizedClientException']) {
      kms.trouble = () => ({ status: 400, type });
      await expect(opening('alias/own'), type).rejects.toThrow(/^COUNTERSIGN_KMS_KEY_ID cannot be used: .*\.$/);
    }
    kms.trouble = () => ({ status: 503, type: 'DependencyTimeoutException' });
    expect((await opening('alias/own')).warnings).toEqual([expect.stringContaining('AWS KMS did not answer')]);
    kms.trouble = () => undefined;
    expect((await opening('alias/own')).warnings).toEqual([]);
    kms.asked.length = 0;
    await opening('none,alias/own');
    expect(kms.asked).toEqual([]);
  });

  test('credentials and a region have to be there', async () => {
    const { AWS_ACCESS_KEY_ID: id, AWS_REGION: region } = process.env;
    delete process.env.AWS_REGION;
    await expect(opening('alias/own')).rejects.toThrow('no region is known; set AWS_REGION');
    process.env.AWS_REGION = region;
    delete process.env.AWS_ACCESS_KEY_ID;
    await expect(opening('alias/own')).rejects.toThrow('no AWS credentials were found');
    process.env.AWS_ACCESS_KEY_ID = id;
  });
});

describe.each(engines)('a gate under a key of AWS KMS on %s', (engine) => {
  let bench: Workbench;
  let reflecting: ReflectingUpstream;
  beforeAll(async () => {
    kms.trouble = () => undefined;
    reflecting = await startReflectingUpstream();
    bench = await openWorkbench(engine, { COUNTERSIGN_KMS_KEY_ID: 'alias/own' }, undefined, reflecting.host);
  });
  afterAll(async () => {
    await bench?.close();
    await reflecting?.close();
  });

  test('writes, opens, refuses while the service is away, and moves from one form to the other', async () => {
    const { owner } = bench.people;
    const client = await bench.newClient();
    const write = () =>
      owner('POST', '/v1/secrets', { name: 'KEY', value: 'a value of KMS', hosts: [reflecting.host] });
    const { id } = made(await write());
    const [row] = await bench.sql<{ sealed: string }>('select sealed from secret_versions where secret_id = $1', [id]);
    expect(row!.sealed).toMatch(/^aws:1:/);
    const config = { base_url: reflecting.url, headers: { 'X-Api-Key': '{{secret:KEY}}' } };
    const { id: connector_id } = made(await owner('POST', '/v1/connectors', { name: 'c', kind: 'http', config }));
    const tool = await bench.newTool('/raw', { connector_id, input_schema: { type: 'object' } });
    await bench.newGrant(client.id, tool.name, 'auto');
    const call = () => client.send('POST', '/api/agent/gateway', { tool: tool.name, arguments: {} });
    const moved = () => bench.sql('update workspaces set facts_version = facts_version + 1');

    kms.trouble = () => ({ status: 500, type: 'KMSInternalException' });
    expect(await call()).toMatchObject({ status: 403, body: { code: 'egress_blocked' } });
    expect(reflecting.asked).toEqual([]);
    kms.trouble = () => undefined;
    made(await call());
    expect(reflecting.asked.at(-1)!.headers['x-api-key']).toBe('a value of KMS');

    const { store, settings } = bench.gate.running.app;
    const [key] = secretsKeys(settings);
    const rotate = (encrypts: boolean) =>
      rotateSecrets(store, createVault([key!], awsDataKeys({ encrypts, ids: ['alias/own'] })), () => {});
    expect(await rotate(false)).toMatchObject({ done: 1, of: 1, unopened: [] });
    const [back] = await bench.sql<{ sealed: string }>('select sealed from secret_versions where secret_id = $1', [id]);
    expect(back!.sealed).toMatch(/^gAAAAA/);
    await moved();
    made(await call());
    kms.trouble = () => ({ status: 400, type: 'AccessDeniedException' });
    await expect(rotate(true)).rejects.toThrow('these AWS credentials may not use the key');
    kms.trouble = () => undefined;
    expect(await rotate(true)).toMatchObject({ done: 1, of: 1 });
    await moved();
    made(await call());
    expect(reflecting.asked).toHaveLength(3);
  });

  test('a value that cannot be encrypted is not written, and the answer says why', async () => {
    const { owner } = bench.people;
    const before = await bench.sql('select id from secrets');
    kms.trouble = () => ({ status: 500, type: 'KMSInternalException' });
    // A data key that serves yet would encrypt it.
    vi.useFakeTimers({ toFake: ['performance'] });
    vi.advanceTimersByTime(10 * 60_000);
    const refused = await owner('POST', '/v1/secrets', {
      name: 'NEVER',
      value: 'a value of KMS',
      hosts: ['a.example'],
    });
    expect(refused).toMatchObject({ status: 503, body: { code: 'key_service_unavailable' } });
    expect(await bench.sql('select id from secrets')).toEqual(before);
  });
});
