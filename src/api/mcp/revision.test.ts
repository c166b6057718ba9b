import { describe, expect, test } from 'vitest';
import { isFault, type RpcRequest, readMessage } from './message.ts';
import { revisionOf } from './revision.ts';
import { newSession, sessionOf } from './session.ts';

const VERSION = 'io.modelcontextprotocol/protocolVersion';
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';

const request = (method: string, params: object = {}): RpcRequest =>
  readMessage({ jsonrpc: '2.0', id: 1, method, params } as never) as RpcRequest;
const stateless = (method: string, params: object = {}, capabilities: object = {}) =>
  request(method, { ...params, _meta: { [VERSION]: '2026-07-28', [CAPABILITIES]: capabilities } });
const codeOf = (answer: object): number | undefined => (isFault(answer) ? answer.code : undefined);

describe('the revision of a message', () => {
  test('is what its body says, and headers must agree', () => {
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' };
    expect(revisionOf(stateless('tools/list'), headers)).toMatchObject({ stateless: true });
    expect(codeOf(revisionOf(stateless('tools/list'), {}))).toBe(-32020);
    expect(codeOf(revisionOf(stateless('ping'), headers))).toBe(-32020);
    expect(codeOf(revisionOf(request('tools/list'), headers))).toBe(-32602);
    expect(revisionOf(request('tools/list'), {})).toMatchObject({ stateless: false });
  });

  test('says what the client can do', () => {
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/list' };
    const abilitiesOf = (capabilities: object) => {
      const revision = revisionOf(stateless('tools/list', {}, capabilities), headers);
      return isFault(revision) ? undefined : revision.abilities;
    };
    expect(abilitiesOf({})).toEqual({ tasks: false, url: false, inputs: [] });
    expect(abilitiesOf({ elicitation: {} })).toEqual({ tasks: false, url: false, inputs: ['elicitation'] });
    expect(abilitiesOf({ elicitation: { url: {} } })).toEqual({ tasks: false, url: true, inputs: [] });
    expect(abilitiesOf({ elicitation: { form: {}, url: {} }, roots: {}, sampling: {} })).toEqual({
      tasks: false,
      url: true,
      inputs: ['sampling', 'elicitation', 'roots'],
    });
    expect(abilitiesOf({ sampling: true, roots: null })).toEqual({ tasks: false, url: false, inputs: [] });
    expect(abilitiesOf({ extensions: { 'io.modelcontextprotocol/tasks': {} } })).toMatchObject({ tasks: true });
  });

  test('a name in a header is compared decoded, and no name of a prototype is a method', () => {
    const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call' };
    const call = stateless('tools/call', { name: 'ü' });
    const encoded = `=?base64?${Buffer.from('ü').toString('base64')}?=`;
    expect(revisionOf(call, { ...headers, 'mcp-name': encoded })).toMatchObject({ stateless: true });
    expect(codeOf(revisionOf(call, { ...headers, 'mcp-name': '=?base64?/w==?=' }))).toBe(-32020);
    const strange = { ...headers, 'mcp-method': 'constructor' };
    expect(revisionOf(stateless('constructor'), strange)).toMatchObject({ stateless: true });
  });

  test('a session is known by its id alone, and one that was never given out is none', () => {
    for (const url of [true, false]) {
      for (const inputs of [[], ['roots'], ['sampling', 'roots'], ['sampling', 'elicitation', 'roots']] as const) {
        const session = newSession({ url, inputs });
        expect(sessionOf(session.id)).toEqual(session);
        expect(session).toMatchObject({ url, inputs });
      }
    }
    for (const made of ['', 's1-x-AAAAAAAAAAAAAAAAAAAAAA', 's1-rs-AAAAAAAAAAAAAAAAAAAAAA', 's1-u-short', ['a', 'b']]) {
      expect(sessionOf(made)).toBe('unknown');
    }
    expect(sessionOf(undefined)).toBeUndefined();
  });
});
