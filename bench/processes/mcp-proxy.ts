import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { serve } from './channel.ts';
import type { Used } from './meter.ts';

/**
 * mcp-proxy as its makers publish it, in front of the benchmark's MCP server as a local process. It checks nothing and
 * records nothing: what an MCP client meets that goes through a plain proxy.
 */

const require = createRequire(import.meta.url);
const TICK_US = 10_000;
let child: ChildProcess | undefined;
let before = 0;

/** CPU of the proxy alone, in microseconds; NaN where there is no /proc. */
function cpuUs(): number {
  try {
    const text = readFileSync(`/proc/${child!.pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  } catch {
    return Number.NaN;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port: number): Promise<boolean> {
  try {
    await fetch(`http://127.0.0.1:${port}/ping`);
    return true;
  } catch {
    return false;
  }
}

const verbs = {
  begin(): void {
    before = cpuUs();
  },
  end(): Used {
    const used = cpuUs() - before;
    return {
      cpuUs: used,
      mainThreadCpuUs: used,
      peakRssBytes: Number.NaN,
      rssBytes: Number.NaN,
      heapUsedBytes: Number.NaN,
    };
  },
  async listen(): Promise<number> {
    const port = await freePort();
    const cli = join(dirname(require.resolve('mcp-proxy')), 'bin', 'mcp-proxy.mjs');
    const server = fileURLToPath(new URL('./mcp-stdio.ts', import.meta.url));
    const options = [
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
      '--server',
      'stream',
      '--stateless',
      '--no-eventStore',
    ];
    child = spawn(process.execPath, [cli, ...options, '--', process.execPath, server], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    for (let tries = 0; tries < 200; tries++) {
      if (await answers(port)) return port;
      await setTimeout(50);
    }
    throw new Error('mcp-proxy did not start');
  },
};
export type McpProxyVerbs = typeof verbs;

serve(verbs, async () => {
  child?.kill();
});
