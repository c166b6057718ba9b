import { emailAddress } from '../identity/users.ts';
import { createWorkspace } from '../identity/workspaces/create.ts';
import { slug, workspaceName } from '../identity/workspaces/schemas.ts';
import { agreed, BadUsage, formed, readArguments, required, withStore } from './usage.ts';

const USAGE = 'countersign workspace create <slug> --owner <address> [--name <name>]';

/** `countersign workspace create`: makes one more workspace for somebody who has an account. */
export async function workspaceCommand(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args, { name: { type: 'string' }, owner: { type: 'string' } }, USAGE);
  const [what, short, ...rest] = positionals;
  if (what !== 'create' || rest.length > 0) throw new BadUsage(`Write what to do.\n\nUsage: ${USAGE}`);
  const given = formed('The slug', () => slug.parse(required(short, 'The slug', USAGE)));
  const name = formed('--name', () => workspaceName.parse(values.name ?? given));
  const owner = formed('--owner', () => emailAddress.parse(required(values.owner, '--owner', USAGE)));
  await withStore(async (store) => {
    const user = await store.people.selectFrom('auth_users').select('id').where('email', '=', owner).executeTakeFirst();
    if (user === undefined) {
      throw new BadUsage(
        `Nobody has an account with ${owner}. Make one: countersign user create ${owner} --name <name>`,
      );
    }
    const made = agreed(await createWorkspace(store, { slug: given, name, ownerUserId: user.id }));
    process.stdout.write(`The workspace "${made.name}" (${made.slug}, ${made.id}) is made. Its owner is ${owner}.\n`);
  });
}
