import { makeLink } from '../identity/links/one-time.ts';
import { linkTo } from '../identity/links/token.ts';
import { inOwnLog } from '../identity/own-log.ts';
import { hashPassword, randomPassword } from '../identity/passwords/hash.ts';
import { emailAddress, insertUser, personName } from '../identity/users.ts';
import { SYSTEM } from '../kernel/actor.ts';
import type { Store } from '../store/store.ts';
import { BadUsage, formed, publicUrlOf, readArguments, required, withStore } from './usage.ts';

const USAGE = `countersign user create <address> --name <name>
       countersign user reset-password <address>`;

/**
 * `countersign user …`: makes a person, or lets one choose a new password. Both print a link that works once, for a
 * day: nobody but they themselves ever knows the password.
 */
export async function userCommand(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args, { name: { type: 'string' } }, USAGE);
  const [what, address, ...rest] = positionals;
  if ((what !== 'create' && what !== 'reset-password') || rest.length > 0) {
    throw new BadUsage(`Write what to do.\n\nUsage: ${USAGE}`);
  }
  const email = formed('The address', () => emailAddress.parse(required(address, 'The e-mail address', USAGE)));
  const name =
    what === 'create' ? formed('--name', () => personName.parse(required(values.name, '--name', USAGE))) : '';
  await withStore(async (store, settings) => {
    const token = what === 'create' ? await create(store, email, name) : await reset(store, email);
    const link = linkTo(publicUrlOf(settings), 'password', token);
    process.stdout.write(`${email} chooses a password here, once, within 24 hours:\n${link}\n`);
  });
}

/** A person in no workspace has no log to be entered in; the workspace they come to own or join has. */
async function create(store: Store, email: string, name: string): Promise<string> {
  // Nobody's password, so that trying to sign in takes as long as for everybody.
  const passwordHash = await hashPassword(randomPassword());
  return store.people.transaction().execute(async (db) => {
    const user = await insertUser(db, { email, name, passwordHash });
    if (user === null) throw new BadUsage(`${email} has an account already.`);
    return makeLink(db, `password:${user.id}`);
  });
}

async function reset(store: Store, email: string): Promise<string> {
  const user = await store.people.selectFrom('auth_users').select('id').where('email', '=', email).executeTakeFirst();
  if (user === undefined) throw new BadUsage(`Nobody has an account with ${email}.`);
  const event = { event_type: 'member.password_link_made', actor: SYSTEM, outcome: 'made' } as const;
  const token = await inOwnLog(store, user.id, event, (db) => makeLink(db, `password:${user.id}`));
  return token!;
}
