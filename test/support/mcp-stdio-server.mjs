// An MCP server over stdin and stdout that does what its arguments and its calls say.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [, , mode = 'plain', file] = process.argv;
const say = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
const text = (value) => ({
  content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }],
});
const tool = (name) => ({ name, description: `Does ${name}`, inputSchema: { type: 'object' } });
const tools = ['echo', 'env', 'crash', 'hang', 'long', 'hog', 'pid', 'child', 'noise', 'daemon', 'deaf', 'asks'].map(
  tool,
);

if (mode === 'dies') {
  process.stderr.write('it cannot find its configuration\n');
  process.exit(3);
}
// Stays when its stdin ends, as a server should not.
if (mode === 'stays') setInterval(() => {}, 1_000);
if (file !== undefined) writeFileSync(file, String(process.pid));

let heard;
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params, ...answer } = JSON.parse(line);
  if (method === undefined) return heard?.(answer);
  if (method === 'server/discover') {
    if (mode === 'exits-on-discover') process.exit(1);
    if (mode === 'slow') return setTimeout(say, 500, { id, error: { code: -32601, message: 'Method not found' } });
    if (mode !== 'modern') return say({ id, error: { code: -32601, message: 'Method not found' } });
    return say({
      id,
      result: { resultType: 'complete', supportedVersions: ['2026-07-28'], capabilities: { tools: {} } },
    });
  }
  if (method === 'initialize') {
    return say({
      id,
      result: {
        protocolVersion: '2025-11-25',
        capabilities: { tools: {} },
        serverInfo: { name: 'stdio', version: '1' },
      },
    });
  }
  if (method === 'notifications/cancelled') return process.stderr.write(`cancelled ${params.requestId}\n`);
  if (id === undefined) return undefined;
  if (method === 'tools/list') return say({ id, result: { tools } });
  if (method !== 'tools/call') return say({ id, result: {} });
  switch (params.name) {
    case 'env':
      return say({ id, result: text(process.env) });
    case 'crash':
      process.stderr.write('out of luck\n');
      return process.exit(7);
    case 'daemon': {
      // It leaves the group, and holds what it was given.
      const { pid } = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 20_000)'], {
        detached: true,
        stdio: 'inherit',
      });
      return say({ id, result: text(String(pid)) });
    }
    case 'deaf':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);
      return undefined;
    case 'asks':
      heard = (answer) => say({ id, result: text(answer) });
      return say({ id: 'own', method: 'elicitation/create', params: { message: 'Who?' } });
    case 'hang':
      return undefined;
    case 'long':
      return process.stdout.write('x'.repeat(6_000_000));
    case 'hog':
      globalThis.kept = Array.from({ length: 40 }, () => Buffer.alloc(10 * 1024 ** 2, 1));
      return undefined;
    case 'pid':
      return say({ id, result: text(String(process.pid)) });
    case 'noise':
      process.stdout.write('this is no message\n\n');
      return say({ id, result: text('after the noise') });
    default:
      return say({ id, result: text(params.arguments ?? {}) });
  }
});
