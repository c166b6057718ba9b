import { BadSettings } from '../settings.ts';

type Fault = { readonly code?: string; readonly message?: string; readonly cause?: unknown };
type Where = { readonly host: string; readonly login: string; readonly database: string };

/** What PostgreSQL and the network say when DATABASE_URL is wrong, by code, and what to do about it. */
const SENTENCES: Readonly<Record<string, (where: Where) => string>> = {
  '28P01': ({ login, host }) =>
    `DATABASE_URL has a wrong password, or none, for ${login} at ${host}. Write postgres://${login}:<password>@${host}/….`,
  '28000': ({ login, host }) =>
    `The database at ${host} does not let ${login} of DATABASE_URL in. Write a login that it knows, add ?sslmode=require ` +
    'if it wants TLS, and look at its pg_hba.conf.',
  '3D000': ({ database, host, login }) =>
    `DATABASE_URL names the database ${database}, which does not exist at ${host}. Write: create database "${database}" owner "${login}";`,
  '42501': ({ login, database }) =>
    `The login ${login} of DATABASE_URL may not do what a start needs in ${database}. ` +
    'Run `countersign migrate` once with the DATABASE_URL of the role that owns the database.',
  '25006': ({ host }) =>
    `DATABASE_URL leads to ${host}, which is a standby and only reads. Write the primary's address.`,
  '57P03': ({ host }) => `The database at ${host} of DATABASE_URL is starting or stopping. Try again in a moment.`,
  '53300': ({ host }) =>
    `The database at ${host} of DATABASE_URL has no connection left. A node takes 13: raise max_connections, or stop what takes them.`,
  '53100': ({ host }) => `The disk of the database at ${host} of DATABASE_URL is full. Make room there.`,
  ENOTFOUND: ({ host }) =>
    `The host ${host} of DATABASE_URL is not known. Write the name or address of your PostgreSQL.`,
  EAI_AGAIN: ({ host }) =>
    `The host ${host} of DATABASE_URL could not be looked up. Write the name or address of your PostgreSQL, or look at this machine's DNS.`,
  ECONNREFUSED: ({ host }) =>
    `Nothing answers at ${host} of DATABASE_URL. Start PostgreSQL there, or write where it is.`,
  ECONNRESET: ({ host }) =>
    `What answers at ${host} of DATABASE_URL ended the connection. Write the address of a PostgreSQL.`,
  ENOENT: ({ host }) => `There is no socket at ${host} of DATABASE_URL. Start PostgreSQL, or write where it is.`,
  ETIMEDOUT: ({ host }) =>
    `What is at ${host} of DATABASE_URL does not answer. Write where your PostgreSQL is, or look at the firewall.`,
  EHOSTUNREACH: ({ host }) =>
    `There is no way to ${host} of DATABASE_URL. Write where your PostgreSQL is, or look at the network.`,
  ENETUNREACH: ({ host }) =>
    `There is no way to ${host} of DATABASE_URL. Write where your PostgreSQL is, or look at the network.`,
};

/** The same where the driver gives no code. */
const MESSAGES: readonly (readonly [pattern: RegExp, code: string])[] = [
  [/timeout expired|timeout exceeded|Query read timeout/i, 'ETIMEDOUT'],
  [/Connection terminated/i, 'ECONNRESET'],
  [/client password must be a string|SASL/i, '28P01'],
];

/** A fault of opening the store on `databaseUrl`, as a sentence where it is the setting's; any other as it is. */
export function databaseFault(databaseUrl: string, fault: unknown): unknown {
  const where = whereOf(databaseUrl);
  for (const one of chain(fault)) {
    const code = one.code ?? MESSAGES.find(([pattern]) => pattern.test(one.message ?? ''))?.[1];
    const sentence = code === undefined ? undefined : SENTENCES[code];
    if (sentence) return new BadSettings(sentence(where), { cause: fault });
    if (/SSL|certificate/i.test(one.message ?? '')) {
      return new BadSettings(
        `The TLS connection to ${where.host} of DATABASE_URL failed: ${one.message}. Set sslmode, or sslrootcert, in the URL to what the server offers.`,
        { cause: fault },
      );
    }
  }
  return fault;
}

/** A fault and what caused it, several at once where a name has several addresses. */
function* chain(fault: unknown): Generator<Fault> {
  for (let one = fault; one instanceof Error; one = one.cause) {
    yield one as Fault;
    if (one instanceof AggregateError) for (const part of one.errors) yield* chain(part);
  }
}

function whereOf(databaseUrl: string): Where {
  const url = new URL(databaseUrl);
  const login = decodeURIComponent(url.username) || url.searchParams.get('user') || 'postgres';
  const host = url.searchParams.get('host') ?? url.host;
  return { login, host: host || 'localhost', database: decodeURIComponent(url.pathname.slice(1)) || login };
}
