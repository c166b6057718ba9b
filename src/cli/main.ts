import { isMistake } from '../startup/open-store.ts';
import { VERSION } from '../version.ts';
import { BadUsage } from './usage.ts';

const HELP = `Countersign: the gate between AI agents and the real world.

  countersign demo       start with a workspace to try things out in, made on first start
  countersign serve      start on your own data
  countersign migrate    bring the schema of DATABASE_URL up to date, its roles and grants too, then exit
  countersign init       make the owner and the first workspace of an empty installation
  countersign user       make a person, or let one choose a new password
  countersign workspace  make one more workspace
  countersign connect <client>
                         let Claude Code, Cursor, VS Code or Codex call through the gate, or take that back
  countersign backup <file>
                         copy everything into a new file, and verify the audit chains
  countersign restore <file>
                         put a backup into an empty store, and verify that it is the same
  countersign secrets rotate
                         encrypt every secret under the first key of COUNTERSIGN_SECRETS_KEY
  countersign replace-key
                         take the present COUNTERSIGN_SECRETS_KEY for the database's, when the old one is lost

init, user, workspace, connect and secrets say how they are used when they are called without anything.

Settings come from the environment; docs/settings.md describes them. Messages go to stderr.
`;

/** Those that take words and flags of their own. */
const WITH_ARGUMENTS = new Set(['init', 'user', 'workspace', 'backup', 'restore', 'secrets', 'connect']);

const commands: Record<string, (args: string[]) => Promise<void>> = {
  demo: async () => (await import('./demo.ts')).demoCommand(),
  serve: async () => (await import('./serve.ts')).serveCommand(),
  migrate: async () => (await import('./migrate.ts')).migrateCommand(),
  init: async (args) => (await import('./init.ts')).initCommand(args),
  user: async (args) => (await import('./user.ts')).userCommand(args),
  workspace: async (args) => (await import('./workspace.ts')).workspaceCommand(args),
  connect: async (args) => (await import('./connect.ts')).connectCommand(args),
  backup: async (args) => (await import('./backup.ts')).backupCommand(args),
  restore: async (args) => (await import('./restore.ts')).restoreCommand(args),
  secrets: async (args) => (await import('./secrets.ts')).secretsCommand(args),
  'replace-key': async () => (await import('./replace-key.ts')).replaceKeyCommand(),
};

function explain(fault: unknown): string {
  if (isMistake(fault) || fault instanceof BadUsage) return fault.message;
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
