import { homedir } from 'node:os';
import { join } from 'node:path';
import { withEntry, withoutEntry } from './json-file.ts';
import { withoutTable, withTable } from './toml-file.ts';

/** Where a client finds the gate, and what it shows there. The token stands in a header: never in a URL or an argument. */
export type Connection = { readonly name: string; readonly url: string; readonly token: string };

/** An agent's program that keeps a file of the MCP servers it knows. */
export type AgentClient = {
  readonly title: string;
  /** Its file, for this person on this machine. */
  path(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string;
  /** The file's text with the connection in it, and all else as it was. Throws `BadFile`. */
  add(text: string, connection: Connection): string;
  /** The same without it; undefined where it is not there. */
  remove(text: string, name: string): string | undefined;
  /** What to do next. */
  readonly next: string;
};

const home = (env: NodeJS.ProcessEnv): string => env.HOME || env.USERPROFILE || homedir();
const authorization = (token: string) => ({ Authorization: `Bearer ${token}` });

/** A client whose file is JSON with one object of servers. */
function inJson(
  title: string,
  member: string,
  path: AgentClient['path'],
  entry: (connection: Connection) => object,
  next: string,
): AgentClient {
  return {
    title,
    path,
    add: (text, connection) => withEntry(text, [member, connection.name], entry(connection)),
    remove: (text, name) => withoutEntry(text, [member, name]),
    next,
  };
}

export const AGENT_CLIENTS: Readonly<Record<string, AgentClient>> = {
  'claude-code': inJson(
    'Claude Code',
    'mcpServers',
    (env) => join(env.CLAUDE_CONFIG_DIR || home(env), '.claude.json'),
    ({ url, token }) => ({ type: 'http', url, headers: authorization(token) }),
    'Start claude, and look at it with /mcp.',
  ),
  cursor: inJson(
    'Cursor',
    'mcpServers',
    (env) => join(home(env), '.cursor', 'mcp.json'),
    ({ url, token }) => ({ url, headers: authorization(token) }),
    'Look at it in Cursor Settings, MCP.',
  ),
  vscode: inJson(
    'VS Code',
    'servers',
    (env, platform) => join(codeFolder(env, platform), 'User', 'mcp.json'),
    ({ url, token }) => ({ type: 'http', url, headers: authorization(token) }),
    'Look at it with the command MCP: List Servers.',
  ),
  codex: {
    title: 'Codex',
    path: (env) => join(env.CODEX_HOME || join(home(env), '.codex'), 'config.toml'),
    add: (text, { name, url, token }) =>
      withTable(text, ['mcp_servers', name], { url, http_headers: authorization(token) }),
    remove: (text, name) => withoutTable(text, ['mcp_servers', name]),
    next: 'Start codex, and look at it with /mcp.',
  },
};

function codeFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return join(home(env), 'Library', 'Application Support', 'Code');
  if (platform === 'win32') return join(env.APPDATA || join(home(env), 'AppData', 'Roaming'), 'Code');
  return join(env.XDG_CONFIG_HOME || join(home(env), '.config'), 'Code');
}
