import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { parseToken } from '../registry/tokens/token-format.ts';
import { readSettings } from '../settings.ts';
import { AGENT_CLIENTS, type AgentClient } from './connect/clients.ts';
import { BadFile } from './connect/json-file.ts';
import { BadUsage, publicUrlOf, readArguments, required } from './usage.ts';

const USAGE = `countersign connect <${Object.keys(AGENT_CLIENTS).join('|')}> [--url <url>] [--name <name>] [--token-file <file>] [--unchecked] [--undo]

Writes the gate into the client's own file of MCP servers; --undo takes it out again.
  --url         where the gate is reached; else as the settings say
  --name        what the client calls it; else countersign
  --token-file  a file with a client's token; else it is read from the standard input
  --unchecked   without asking the gate first whether it takes the token`;

/** `countersign connect`: one command from a token to an agent that calls through the gate. */
export async function connectCommand(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(
    args,
    {
      url: { type: 'string' },
      name: { type: 'string', default: 'countersign' },
      'token-file': { type: 'string' },
      unchecked: { type: 'boolean', default: false },
      undo: { type: 'boolean', default: false },
    },
    USAGE,
  );
  const which = required(positionals[0], 'The client', USAGE);
  const client = Object.hasOwn(AGENT_CLIENTS, which) ? AGENT_CLIENTS[which] : undefined;
  if (client === undefined || positionals.length > 1)
    throw new BadUsage(`There is no client ${which}.\n\nUsage: ${USAGE}`);
  const { name } = values;
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) throw new BadUsage('--name takes letters, digits, - and _, at most 64.');
  const path = client.path(process.env, process.platform);
  if (values.undo) return undo(client, path, name);
  const url = mcpUrl(values.url ?? publicUrlOf(readSettings(process.env)));
  const token = await readToken(values['token-file']);
  if (!values.unchecked) await check(url, token);
  write(path, (text) => client.add(text, { name, url, token }), client.title);
  say(
    `${client.title} knows the gate as ${name} now: ${path}\n${client.next}\nTake it back with: countersign connect ${which} --undo`,
  );
}

function undo(client: AgentClient, path: string, name: string): void {
  let wasThere = false;
  write(
    path,
    (text) => {
      const rest = client.remove(text, name);
      wasThere = rest !== undefined;
      return rest ?? text;
    },
    client.title,
  );
  say(
    wasThere
      ? `${name} is out of ${path}. The token is still good: end it where it was made.`
      : `${path} has no ${name}.`,
  );
}

function mcpUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new BadUsage(`${text} is no URL such as https://gate.example.com`);
  if (url.pathname === '/') url.pathname = '/mcp';
  return url.href;
}

async function readToken(file: string | undefined): Promise<string> {
  if (file === undefined && process.stdin.isTTY) say('Paste the token, then press Enter and Ctrl-D:');
  const read = file === undefined ? await textOf(process.stdin) : readFileSync(file, 'utf8');
  const token = read.trim();
  if (parseToken(`Bearer ${token}`) === null)
    throw new BadUsage('That is no token of a client: it begins with cs_live_.');
  return token;
}

/** Asks the gate whether it knows the token, so that the agent is not the first to be told. */
async function check(url: string, token: string): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/json' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  let status: number;
  try {
    const signal = AbortSignal.timeout(10_000);
    ({ status } = await fetch(url, { method: 'POST', headers, body, redirect: 'error', signal }));
  } catch (fault) {
    throw new BadUsage(
      `${url} does not answer (${(fault as Error).message}). Start the gate first, or say --unchecked.`,
    );
  }
  if (status === 401) throw new BadUsage('The gate does not take this token. Make one on the page of the client.');
  if (status !== 200) throw new BadUsage(`${url} answered ${status}, which a gate does not. Is that its address?`);
}

/** Edits a file in one step, behind its links, with the mode it has. One that is made is its owner's alone. */
function write(path: string, edit: (text: string) => string, title: string): void {
  const there = existsSync(path);
  const target = there ? realpathSync(path) : path;
  const before = there ? readFileSync(target, 'utf8') : '';
  let after: string;
  try {
    after = edit(before);
  } catch (fault) {
    if (fault instanceof BadFile) throw new BadUsage(`${path} is left as it is: ${fault.message}.`);
    throw fault;
  }
  if (after === before) return;
  if (/^\s*(\{\s*\})?\s*$/.test(after)) {
    rmSync(target, { force: true });
    return;
  }
  mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
  const mode = there ? statSync(target).mode & 0o777 : 0o600;
  const beside = `${target}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(beside, after, { mode: 0o600, flag: 'wx' });
    chmodSync(beside, mode);
    renameSync(beside, target);
  } finally {
    rmSync(beside, { force: true });
  }
  if ((mode & 0o077) !== 0 && process.platform !== 'win32')
    say(
      `Others on this machine may read ${path}, which now has the token. Keep them out with: chmod 600 ${path} (${title} does not mind)`,
    );
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
