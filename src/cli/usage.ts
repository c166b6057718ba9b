import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { ZodError } from 'zod';
import { isRefused, type Problem, type Refusal } from '../kernel/codes.ts';
import { readSettings, type Settings } from '../settings.ts';
import { openStore } from '../startup/open-store.ts';
import { DirectoryInUse } from '../store/engine/directory-lock.ts';
import type { Store } from '../store/store.ts';

/** What was typed cannot be done. The message says what to type. */
export class BadUsage extends Error {
  override readonly name = 'BadUsage';
}

/** Reads a command's words and flags. Throws `BadUsage` with the mistake and the usage line. */
export function readArguments<O extends ParseArgsOptionsConfig>(args: string[], options: O, usage: string) {
  try {
    return parseArgs({ args, options, strict: true, allowPositionals: true });
  } catch (fault) {
    throw new BadUsage(`${(fault as Error).message}\n\nUsage: ${usage}`);
  }
}

/** A flag or word that must be there. */
export function required(value: string | undefined, name: string, usage: string): string {
  if (value !== undefined && value !== '') return value;
  throw new BadUsage(`${name} is missing.\n\nUsage: ${usage}`);
}

/** Runs a command's work on the store of the settings, which a running server on the embedded engine would hold. */
export async function withStore<T>(work: (store: Store, settings: Settings) => Promise<T>): Promise<T> {
  const settings = readSettings(process.env);
  const store = await openStore(settings).catch((fault: unknown) => {
    if (!(fault instanceof DirectoryInUse)) throw fault;
    throw new BadUsage(
      `${fault.message}\nThe embedded database serves one process: stop the server, run this again, then start it.`,
    );
  });
  try {
    return await work(store, settings);
  } finally {
    await store.close();
  }
}

/** Where people reach the server, for a link that is printed before it runs. */
export function publicUrlOf({ COUNTERSIGN_PUBLIC_URL, HOST, PORT }: Settings): string {
  const everywhere = HOST === '0.0.0.0' || HOST === '::';
  const host = everywhere ? '127.0.0.1' : HOST.includes(':') ? `[${HOST.replace(/^\[|\]$/g, '')}]` : HOST;
  return COUNTERSIGN_PUBLIC_URL ?? `http://${host}:${PORT}`;
}

/** Takes a value that must have a form, or says which part is wrong and what to write. */
export function formed<T>(name: string, parse: () => T): T {
  try {
    return parse();
  } catch (fault) {
    if (!(fault instanceof ZodError)) throw fault;
    throw new BadUsage(`${name}: ${fault.issues[0]?.message}.`);
  }
}

/** The yes of a verb; its no is told. */
export function agreed<T>(answer: T | Refusal | Problem): T {
  if (isRefused(answer)) throw new BadUsage(answer.detail);
  return answer;
}
