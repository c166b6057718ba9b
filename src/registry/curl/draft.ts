import type { Effect } from '../../kernel/codes.ts';
import { secretReference } from '../../kernel/secret-reference.ts';
import { findCredential } from '../../upstream/credentials.ts';
import { describeCall, hostOfConnector } from '../../upstream/shapes.ts';
import { guessEffect } from '../openapi/effects.ts';
import { ArgumentNames, prefixOf } from '../openapi/names.ts';
import { type Command, commandOf } from './command.ts';
import { NotReadable, VARIABLE, wordsOf } from './words.ts';

type Json = Record<string, unknown>;

/** A tool as a curl command would be it. Values that look like credentials are not in it, but places for secrets. */
export type CurlDraft = {
  readonly tool: {
    readonly name: string;
    readonly effect: Effect;
    readonly input_schema: Json;
    readonly handler_kind: 'http';
    readonly handler_config: Json;
  };
  readonly connector: { readonly kind: 'http'; readonly config: Json };
  /** Secrets to write first, with the host that each is bound to. */
  readonly secrets: readonly { readonly name: string; readonly about: string; readonly host: string }[];
  /** What a call does, in words. */
  readonly runs: string;
  readonly notes: readonly string[];
};

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
const IGNORED = new Set(['host', 'content-length', 'user-agent', 'accept-encoding', 'connection', 'content-type']);
const VERBS: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'replace',
  PATCH: 'update',
  DELETE: 'delete',
};

/** What is gathered while a command is read. */
class Gathered {
  readonly names = new ArgumentNames();
  readonly properties: Json = {};
  readonly required: string[] = [];
  readonly secrets: { name: string; about: string }[] = [];
  readonly notes: string[];
  readonly #prefix: string;

  constructor(prefix: string, notes: readonly string[]) {
    this.#prefix = prefix;
    this.notes = [...notes];
  }

  /** An argument for a value that the command has: what it was is an example, where it is no credential. */
  argument(name: string, value: unknown, place: string): string {
    const argument = this.names.take(name, place);
    this.properties[argument] = schemaOf(name, value);
    this.required.push(argument);
    return argument;
  }

  /** The place of a secret; a variable gives it its name. */
  secret(about: string, value: string, suffix: string): string {
    const [, variable] = new RegExp(VARIABLE.source).exec(value) ?? [];
    const wanted = (variable ?? `${this.#prefix}_${suffix}`)
      .toUpperCase()
      .replace(/[^A-Z0-9_]+/g, '_')
      .slice(0, 60);
    const name = /^[A-Z]/.test(wanted) ? wanted : `KEY_${wanted}`;
    if (!this.secrets.some((each) => each.name === name)) this.secrets.push({ name, about });
    return secretReference(name);
  }
}

/** Reads a curl command as a draft of a tool, or says why it is none. Nothing is run, sent or looked up. */
export function draftOfCurl(text: string): CurlDraft | string {
  try {
    return drafted(commandOf(wordsOf(text)));
  } catch (error) {
    if (error instanceof NotReadable) return error.message;
    throw error;
  }
}

function drafted(command: Command): CurlDraft {
  const { method } = command;
  if (!METHODS.has(method)) throw new NotReadable(`${method.slice(0, 20)} is not called`);
  const url = urlOf(command.url);
  const label = url.hostname.split('.').at(-2) ?? url.hostname;
  const prefix = prefixOf(label);
  const gathered = new Gathered(prefix, command.notes);
  const path = pathOf(url, gathered);
  const connectorHeaders: Record<string, string> = {};
  const headers: Record<string, string> = {};
  placeHeaders(command, gathered, headers, connectorHeaders);
  const connectorQuery: Record<string, string> = {};
  const query = queryOf(url, gathered, connectorQuery);
  const body = bodyOf(command, gathered);
  const handler_config = {
    method,
    path,
    query,
    ...(Object.keys(headers).length > 0 && { headers }),
    ...(method !== 'GET' && { body: body ?? 'none' }),
    ...(command.timeoutMs !== null && { timeout_ms: Math.min(60_000, Math.max(100, command.timeoutMs)) }),
  };
  const config = {
    base_url: url.origin,
    ...(Object.keys(connectorHeaders).length > 0 && { headers: connectorHeaders }),
    ...(Object.keys(connectorQuery).length > 0 && { query: connectorQuery }),
  };
  const connector = { kind: 'http', config } as const;
  const { properties, required } = gathered;
  const host = hostOfConnector('http', { base_url: url.origin }) ?? url.host;
  const words = path.split('/').filter((part) => /^[A-Za-z]/.test(part) && !/^v\d+$/.test(part));
  const last = (words.at(-1) ?? 'root')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
  return {
    tool: {
      name: `${prefix}.${VERBS[method]}_${last}`.slice(0, 64),
      effect: guessEffect(method, path, ''),
      input_schema: {
        type: 'object',
        properties,
        ...(required.length > 0 && { required }),
        additionalProperties: false,
      },
      handler_kind: 'http',
      handler_config,
    },
    connector,
    secrets: gathered.secrets.map((secret) => ({ ...secret, host })),
    runs: describeCall({ handlerKind: 'http', handlerConfig: handler_config, connector })?.sentence ?? '',
    notes: gathered.notes,
  };
}

/** Variables in a URL stand in it as `{NAME}`. */
function urlOf(text: string): URL {
  const named = text.replace(VARIABLE, (_, name: string) => `{${name}}`);
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(named) ? named : `http://${named}`;
  const url = URL.parse(whole);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new NotReadable('its URL is not one of http or https');
  if (/[{}]/.test(decodeURIComponent(url.hostname)))
    throw new NotReadable('its host is not a variable: write where it goes');
  if (url.username !== '' || url.password !== '') throw new NotReadable('write who asks with -u, not into the URL');
  return url;
}

/**
 * The path with placeholders for variables, numbers and UUIDs, which are named after what stands before them, and the places
 * of secrets for what looks like a credential: addresses such as those of incoming webhooks have theirs there.
 */
function pathOf(url: URL, gathered: Gathered): string {
  let before = 'item';
  let keys = 0;
  const parts = url.pathname.split('/').map((part) => {
    const variable = /^(?:%7B|\{)(\w+)(?:%7D|\})$/i.exec(part)?.[1];
    const isValue = /^(?:\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i.test(part);
    if (variable !== undefined) return `{${gathered.argument(variable.toLowerCase(), '', 'path')}}`;
    if (isValue) return `{${gathered.argument(`${before.replace(/s$/, '')}_id`, part, 'path')}}`;
    if (isKey(part, before)) {
      keys += 1;
      const reference = gathered.secret('part of the path', part, keys === 1 ? 'path_key' : `path_key_${keys}`);
      gathered.notes.push(
        `a part of the path looks like a credential and is ${reference} now; an id is better an argument`,
      );
      return reference;
    }
    if (part !== '') before = part.replace(/[^A-Za-z0-9_]+/g, '_');
    return part;
  });
  return parts.join('/').replace(/\/{2,}/g, '/') || '/';
}

const KEY_LENGTH = 20;

/** What a part of a path says, or how it is written where that is no text in percent signs. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Whether a part of a path looks like a key: by its form, by what stands before it, or by being what nobody would think up. */
function isKey(part: string, before: string): boolean {
  const text = decoded(part);
  if (text === '') return false;
  if (findCredential(text) !== null) return true;
  if (text.length >= 8 && /\d/.test(text) && findCredential({ [before]: text }) !== null) return true;
  const isMixed = /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text);
  return text.length >= KEY_LENGTH && isMixed && /^[\w.~:+=-]+$/.test(text);
}

function placeHeaders(
  { headers, user }: Command,
  gathered: Gathered,
  own: Record<string, string>,
  connector: Record<string, string>,
): void {
  if (user !== null) {
    gathered.notes.push('the secret of -u is "name:password" in base64');
    connector.Authorization = `Basic ${gathered.secret('user name and password, in base64', user, 'basic_auth')}`;
  }
  for (const [name, value] of headers) {
    if (IGNORED.has(name.toLowerCase())) continue;
    const hasVariable = new RegExp(VARIABLE.source).test(value);
    if (hasVariable || findCredential({ headers: { [name]: value || 'x' } }) !== null) {
      const scheme = /^(Bearer|Basic|Token|ApiKey)\s+/i.exec(value)?.[0] ?? '';
      connector[name] = `${scheme}${gathered.secret(`header ${name}`, value, name)}`;
    } else if (value !== '') own[name] = value;
  }
}

function queryOf(url: URL, gathered: Gathered, connector: Record<string, string>): unknown[] {
  const places: unknown[] = [];
  const byName = Map.groupBy(url.searchParams, ([name]) => name);
  for (const [name, pairs] of byName) {
    const values = pairs.map(([, value]) => value);
    if (findCredential(`?${name}=${values[0] || 'x'.repeat(12)}`) !== null) {
      connector[name] = gathered.secret(`${name} in the query`, values[0]!, name);
      continue;
    }
    const value = values.length > 1 ? values : values[0]!.replace(/^\{\w+\}$/, '');
    const argument = gathered.argument(name, value, 'query');
    places.push(argument === name ? argument : { argument, name });
  }
  return places;
}

function bodyOf({ data, form, headers }: Command, gathered: Gathered): unknown {
  if (form.length > 0) return formOf(form, gathered);
  if (data.length === 0) return undefined;
  const type = headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  const text = data
    .map((each) => each.text)
    .join('&')
    .replace(VARIABLE, (_, name: string) => `{${name}}`);
  if (/^@/.test(text)) {
    gathered.notes.push('the file that was sent is the argument body');
    return { as: 'text', argument: gathered.argument('body', '', 'body'), ...(type !== '' && { content_type: type }) };
  }
  const json = /json/i.test(type) || /^\s*[[{]/.test(text) ? parsed(text) : undefined;
  if (json !== undefined) {
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      return { as: 'json', argument: gathered.argument('body', json, 'body') };
    }
    return { as: 'json', ...fieldsOf(Object.entries(json), gathered) };
  }
  if (type !== '' && !/x-www-form-urlencoded/i.test(type)) {
    return { as: 'text', argument: gathered.argument('body', text, 'body'), content_type: type };
  }
  const pairs = [...new URLSearchParams(text)];
  const byName = [...Map.groupBy(pairs, ([name]) => name)].map(([name, all]): [string, unknown] => [
    name,
    all.length > 1 ? all.map(([, value]) => value) : all[0]![1],
  ]);
  return { as: 'form', ...fieldsOf(byName, gathered) };
}

function fieldsOf(members: readonly (readonly [string, unknown])[], gathered: Gathered): { fields?: unknown[] } {
  const fields: unknown[] = [];
  for (const [name, value] of members) {
    const isVariable = typeof value === 'string' && /^\{\w+\}$/.test(value);
    const argument = gathered.argument(name, isVariable ? '' : value, 'body');
    if (argument !== name) fields.push({ argument, name });
  }
  return fields.length > 0 ? { fields } : {};
}

function formOf(form: readonly string[], gathered: Gathered): unknown {
  const fields: unknown[] = [];
  for (const each of form) {
    const [name = '', value = ''] = each.split(/=(.*)/s, 2);
    const isFile = /^[@<]/.test(value);
    const argument = gathered.names.take(name, 'body');
    gathered.required.push(argument);
    gathered.properties[argument] = isFile ? FILE : schemaOf(name, value.replace(/;type=[^;]*$/, ''));
    if (isFile || argument !== name)
      fields.push({ argument, ...(argument !== name && { name }), ...(isFile && { file: true }) });
  }
  return { as: 'multipart', ...(fields.length > 0 && { fields }) };
}

const FILE = {
  type: 'object',
  properties: { base64: { type: 'string' }, filename: { type: 'string' }, content_type: { type: 'string' } },
  required: ['base64'],
  additionalProperties: false,
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A schema that a value fits, with the value as an example where it is short and no credential. */
function schemaOf(name: string, value: unknown, depth = 0): Json {
  if (Array.isArray(value)) {
    return { type: 'array', ...(value.length > 0 && depth < 4 && { items: schemaOf(name, value[0], depth + 1) }) };
  }
  if (typeof value === 'object' && value !== null) {
    if (depth === 4) return { type: 'object' };
    const members = Object.entries(value).filter(([key]) => key !== '__proto__');
    return {
      type: 'object',
      properties: Object.fromEntries(members.map(([key, item]) => [key, schemaOf(key, item, depth + 1)])),
    };
  }
  if (value === null) return {};
  const type = typeof value === 'number' ? (Number.isInteger(value) ? 'integer' : 'number') : typeof value;
  const isShown = value !== '' && String(value).length <= 200 && findCredential({ [name]: value }) === null;
  return { type, ...(isShown && { examples: [value] }) };
}
