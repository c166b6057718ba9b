import pino from 'pino';
import { afterEach, expect, test, vi } from 'vitest';
import { ACCESS_TOKEN } from '../../kernel/secret-reference.ts';
import { SecretsReader, type SecretsReaderOptions } from './secrets.ts';

afterEach(() => vi.useRealTimers());

test('a call whose secrets are not opened in time ends before it is sent, within the time that was recorded for it', async () => {
  vi.useFakeTimers();
  const authorization = {
    kind: 'oauth',
    authorize_url: 'https://a.example/authorize',
    token_url: 'https://a.example/token',
    client_id: 'a',
  };
  const connector = {
    id: 'con_1',
    kind: 'http',
    config: { base_url: 'https://a.example', authorization },
    revoked: false,
  };
  // A provider that the keeper of tokens waits for without an end.
  const tokens = { tokenFor: () => new Promise(() => {}) };
  const reader = new SecretsReader({ tokens, log: pino({ level: 'silent' }) } as unknown as SecretsReaderOptions);
  const facts = { tenantId: 't', version: 1, principal: { kind: 'client', id: 'icl_1' }, tool: { connector } };
  const opened = reader.open(facts as never, { names: [ACCESS_TOKEN], host: 'a.example' });
  await vi.advanceTimersByTimeAsync(25_000);
  expect(await opened).toMatchObject({ kind: 'failed', code: 'timeout_before_send' });
});
