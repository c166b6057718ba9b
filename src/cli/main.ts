import { BadSettings } from '../settings.ts';
import { DirectoryInUse } from '../store/engine/directory-lock.ts';
import { UnsafeDatabase } from '../store/engine/engine.ts';
import { SchemaOutOfDate } from '../store/schema/migrate.ts';
import { VERSION } from '../version.ts';
import { BadUsage } from './usage.ts';

const HELP = `Countersign: the gate between AI agents and the real world.

  countersign demo       start with a workspace to try things out in, made on first start
  countersign serve      start on your own data
  countersign migrate    bring the schema of DATABASE_URL up to date, then exit
  countersign init       make the owner and the first workspace of an empty installation
  countersign user       make a person, or let one choose a new password
  countersign workspace  make one more workspace

Each of the last three says how it is used when it is called without anything.

Settings come from the environment; docs/settings.md describes them. Messages go to stderr.
`;

/** Those that take words and flags of their own. */
const WITH_ARGUMENTS = new Set(['init', 'user', 'workspace']);

const commands: Record<string, (args: string[]) => Promise<void>> = {
  demo: async () => (await import('./demo.ts')).demoCommand(),
  serve: async () => (await import('./serve.ts')).serveCommand(),
  migrate: async () => (await import('./migrate.ts')).migrateCommand(),
  init: async (args) => (await import('./init.ts')).initCommand(args),
  user: async (args) => (await import('./user.ts')).userCommand(args),
  workspace: async (args) => (await import('./workspace.ts')).workspaceCommand(args),
};

/** Mistakes of whoever starts it: told in a sentence, without a stack. */
function isMistake(fault: unknown): fault is Error {
  if (fault instanceof BadSettings || fault instanceof DirectoryInUse || fault instanceof BadUsage) return true;
  return fault instanceof UnsafeDatabase || fault instanceof SchemaOutOfDate;
}

function explain(fault: unknown): string {
  if (isMistake(fault)) return fault.message;
  const { code, port, address } = fault as { code?: string; port?: number; address?: string };
  if (code === 'EADDRINUSE') return `Port ${port} is in use. Stop what uses it, or set PORT to another one.`;
  if (code === 'EACCES') return `Port ${port} may not be used by this account. Set PORT to one above 1023.`;
  if (code === 'ECONNREFUSED')
    return `Nothing answers at ${address}:${port}. Is DATABASE_URL right, and is the server up?`;
  return fault instanceof Error ? (fault.stack ?? fault.message) : String(fault);
}

const [name, ...rest] = process.argv.slice(2);
const command = name === undefined ? undefined : commands[name];
if (name === '--version') {
  process.stdout.write(`${VERSION}\n`);
} else if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
  process.stdout.write(HELP);
} else if (command === undefined || (rest.length > 0 && !WITH_ARGUMENTS.has(name))) {
  process.stderr.write(
    `${command === undefined ? `There is no command ${name}.` : `${name} takes no arguments.`}\n\n${HELP}`,
  );
  process.exitCode = 2;
} else {
  command(rest).catch((fault: unknown) => {
    process.stderr.write(`${explain(fault)}\n`);
    process.exit(1);
  });
}
