import { hashPassword, randomPassword } from '../identity/passwords/hash.ts';
import { chosenPassword, refuseWeak } from '../identity/passwords/rules.ts';
import { emailAddress, personName } from '../identity/users.ts';
import { found } from '../identity/workspaces/found.ts';
import { slug, workspaceName } from '../identity/workspaces/schemas.ts';
import { agreed, BadUsage, formed, publicUrlOf, readArguments, required, withStore } from './usage.ts';

const USAGE =
  'countersign init --email <address> --name <name> --workspace <slug> [--workspace-name <name>] [--password-stdin]';
const STDIN_MAX_BYTES = 4_096;

/**
 * `countersign init`: makes the owner and the first workspace of an empty installation. The password comes from stdin,
 * or is made up and printed once; then it opens nothing before it is changed.
 */
export async function initCommand(args: string[]): Promise<void> {
  const { values } = readArguments(
    args,
    {
      email: { type: 'string' },
      name: { type: 'string' },
      workspace: { type: 'string' },
      'workspace-name': { type: 'string' },
      'password-stdin': { type: 'boolean', default: false },
    },
    USAGE,
  );
  const email = formed('--email', () => emailAddress.parse(required(values.email, '--email', USAGE)));
  const name = formed('--name', () => personName.parse(required(values.name, '--name', USAGE)));
  const short = formed('--workspace', () => slug.parse(required(values.workspace, '--workspace', USAGE)));
  const workspace = {
    slug: short,
    name: formed('--workspace-name', () => workspaceName.parse(values['workspace-name'] ?? short)),
  };
  const isTheirs = values['password-stdin'];
  const password = isTheirs ? await readPassword([email, name, workspace.name]) : randomPassword();
  const owner = { email, name, passwordHash: await hashPassword(password), mustChangePassword: !isTheirs };
  await withStore(async (store, settings) => {
    agreed(await found(store, { owner, workspace }));
    const shown = isTheirs
      ? ''
      : `Password: ${password}\nIt is shown only now, and has to be changed at the first sign-in.\n`;
    process.stdout.write(
      `The workspace "${workspace.name}" and its owner ${email} are made.\n${shown}Start with \`countersign serve\`, then sign in at ${publicUrlOf(settings)}\n`,
    );
  });
}

async function readPassword(about: readonly string[]): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > STDIN_MAX_BYTES) throw new BadUsage('What stdin holds is too long for a password.');
  }
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  const password = formed('The password', () => chosenPassword.parse(text));
  const weak = await refuseWeak('The password', password, about);
  if (weak) throw new BadUsage(`${weak.detail}.`);
  return password;
}
