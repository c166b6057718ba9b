import { idToUuid, isId } from '../../../../kernel/ids.ts';

/** One command that an operator lets connectors start, and for whom. */
export type StdioAllowance = {
  /** The workspace's id as it appears on the wire, or null for every workspace. */
  readonly workspaceId: string | null;
  readonly command: string;
  readonly args: readonly string[];
  /** Whether a connector may write further arguments behind them. */
  readonly more: boolean;
  /** The variables that the process may have beside the minimal ones; null where a connector may write the value. */
  readonly env: Readonly<Record<string, string | null>>;
};

/** What a connector asks to be started. */
export type StdioCommand = {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
};

const MAX_ENTRIES = 100;
const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;
const EXAMPLE = 'org_01h455vb4pex5vsknk084sn02q@API_TOKEN=* /usr/bin/node /srv/mcp/server.mjs';

/**
 * Parses `COUNTERSIGN_MCP_STDIO_ALLOW`: one command a line, or separated by `;`, with its arguments, as a shell would be
 * given it without quotes. In front of it `NAME=value` sets a variable and `NAME=*` lets a connector set it; behind it a
 * lone `*` lets further arguments follow; `org_…@` at the beginning allows it to one workspace. Gives one sentence that
 * says what to write where it cannot be read.
 */
export function parseStdioAllow(text: string): { ok: true; allow: StdioAllowance[] } | { ok: false; message: string } {
  const allow: StdioAllowance[] = [];
  for (const entry of text
    .split(/[\n;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')) {
    const read = readEntry(entry);
    if (typeof read === 'string') return { ok: false, message: read };
    allow.push(read);
  }
  if (allow.length > MAX_ENTRIES) return { ok: false, message: `At most ${MAX_ENTRIES} commands can be allowed.` };
  return { ok: true, allow };
}

function readEntry(entry: string): StdioAllowance | string {
  const shown = JSON.stringify(entry.slice(0, 80));
  const at = /^(\S*?)@(.*)$/s.exec(entry);
  const isWorkspace = at?.[1]?.startsWith('org_') ?? false;
  const workspaceId = isWorkspace ? at![1]!.toLowerCase() : null;
  if (workspaceId !== null && !isId('org', workspaceId)) {
    return `${shown} does not name a workspace. Write its id before the @, for example ${EXAMPLE}`;
  }
  const words = (isWorkspace ? at![2]! : entry).trim().split(/\s+/);
  const env: Record<string, string | null> = {};
  while (words.length > 0 && /^[A-Za-z_]\w*=/.test(words[0]!)) {
    const word = words.shift()!;
    const split = word.indexOf('=');
    const name = word.slice(0, split);
    const value = word.slice(split + 1);
    if (!ENV_NAME.test(name)) return `${shown} has a variable with the name ${name}, which is too long.`;
    env[name] = value === '*' ? null : value;
  }
  const more = words.length > 1 && words.at(-1) === '*';
  const [command, ...args] = more ? words.slice(0, -1) : words;
  if (command === undefined || command === '*') return `${shown} names no command. Write for example ${EXAMPLE}`;
  if (command.includes('/') && !command.startsWith('/')) {
    return `${shown} has a command relative to a directory. Write its whole path, or its name alone.`;
  }
  return { workspaceId, command, args, more, env };
}

/**
 * The environment that a workspace's command may be started with, beside the minimal one; null if no entry allows it
 * exactly as it is.
 */
export function allowedEnv(
  allow: readonly StdioAllowance[],
  tenantId: string,
  { command, args, env }: StdioCommand,
): Readonly<Record<string, string>> | null {
  for (const entry of allow) {
    if (entry.workspaceId !== null && idToUuid(entry.workspaceId) !== tenantId) continue;
    if (entry.command !== command || !entry.args.every((arg, index) => args[index] === arg)) continue;
    if (args.length !== entry.args.length && !(entry.more && args.length > entry.args.length)) continue;
    const isFree = ([name, value]: [string, string]): boolean =>
      Object.hasOwn(entry.env, name) && (entry.env[name] === null || entry.env[name] === value);
    if (!Object.entries(env).every(isFree)) continue;
    const fixed = Object.entries(entry.env).filter((pair): pair is [string, string] => pair[1] !== null);
    return { ...Object.fromEntries(fixed), ...env };
  }
  return null;
}

/** What an operator should hear of an allowed command at the start; `slug` as for egress exceptions. */
export function sayStdio({ workspaceId, command, args, more }: StdioAllowance, slug: string | undefined): string {
  const line = [command, ...args, ...(more ? ['…'] : [])].join(' ');
  if (workspaceId === null) return `Connectors of every workspace may start the MCP server: ${line}`;
  if (slug === undefined) return `${workspaceId} may start the MCP server ${line}, but there is no such workspace.`;
  return `Connectors of the workspace ${slug} may start the MCP server: ${line}`;
}
