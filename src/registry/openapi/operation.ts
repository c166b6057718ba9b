import { compileSchema } from '../../kernel/json-schema.ts';
import { openapiHandlerSchema } from '../../upstream/shapes.ts';
import { placeBody } from './body.ts';
import type { Draft, RefusedOperation } from './drafts.ts';
import { guessEffect } from './effects.ts';
import { type Gathered, NotPossible } from './gathered.ts';
import { ArgumentNames } from './names.ts';
import { isObject, type Json } from './parse.ts';
import type { Place, References } from './references.ts';
import { DETAILS, type Detail, plain, SchemaWriter, Unresolved, uniqueTexts } from './schema.ts';

/** An operation as it stands in a document. */
export type Operation = {
  /** `GET /pets/{id}`. */
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  readonly value: Json;
  /** The file that it stands in. */
  readonly document: string;
  /** The path's own parameters, which hold for all its operations. */
  readonly shared: readonly unknown[];
  readonly security: readonly (readonly string[])[];
};

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
/** Parameters that OpenAPI says to ignore: they follow from the body and the security. */
const IGNORED_HEADERS = new Set(['accept', 'content-type', 'authorization']);

/** The tool that an operation would be, or why it cannot be one. */
export function draftOf(operation: Operation, references: References, name: string): Draft | RefusedOperation {
  let reason = 'its arguments cannot be checked';
  // First with everything, then with less and less, until its schema is within what a tool's may be.
  for (const detail of DETAILS) {
    try {
      const gathered = gather(operation, references, detail);
      const input_schema = {
        type: 'object',
        properties: gathered.properties,
        ...(gathered.required.length > 0 && { required: gathered.required }),
        additionalProperties: false,
        ...gathered.root,
      };
      const compiled = compileSchema(input_schema);
      if (!compiled.ok) {
        reason = `its arguments cannot be checked: ${compiled.reason}, at ${compiled.path}`;
        continue;
      }
      const checked = openapiHandlerSchema.safeParse(gathered.config);
      if (!checked.success) {
        const [issue] = checked.error.issues;
        return { operation: operation.operation, reason: `${issue!.path.join('.')}: ${issue!.message}` };
      }
      return finished(operation, gathered, input_schema, name);
    } catch (error) {
      if (error instanceof NotPossible || error instanceof Unresolved) {
        return { operation: operation.operation, reason: error.message };
      }
      throw error;
    }
  }
  return { operation: operation.operation, reason };
}

function finished(
  { operation, method, path, value, security }: Operation,
  gathered: Gathered,
  input_schema: Json,
  name: string,
): Draft {
  const summary = typeof value.summary === 'string' ? value.summary : '';
  const description = typeof value.description === 'string' ? value.description : '';
  const said = description.startsWith(summary) ? description : `${summary}\n${description}`;
  const words = `${summary} ${typeof value.operationId === 'string' ? value.operationId : ''}`;
  return {
    operation,
    name,
    description: plain(said, 1000),
    effect: guessEffect(method, path, words),
    input_schema,
    handler_config: gathered.config,
    notes: [...gathered.notes, ...gathered.writer.notes].slice(0, 20),
    security,
    deprecated: value.deprecated === true,
  };
}

function gather(operation: Operation, references: References, detail: Detail): Gathered {
  const { method, value, document } = operation;
  if (!METHODS.has(method)) throw new NotPossible(`${method} is not called`);
  const gathered: Gathered = {
    names: new ArgumentNames(),
    writer: new SchemaWriter(references, detail),
    references,
    properties: {},
    required: [],
    notes: [],
    root: {},
    config: { method, path: '', operation: operation.operation },
  };
  const parameters = parametersOf(operation, references);
  placePath(operation, parameters, gathered);
  const query: unknown[] = [];
  const headers: unknown[] = [];
  for (const { place, parameter } of parameters) {
    if (parameter.in === 'query') query.push(queryOf(parameter, place, gathered));
    else if (parameter.in === 'header') headers.push(...headerOf(parameter, place, gathered));
    else if (parameter.in === 'cookie') withoutCookie(parameter, gathered);
  }
  gathered.config.query = query;
  if (headers.length > 0) gathered.config.header_arguments = headers;
  if (value.requestBody !== undefined) placeBody({ value: value.requestBody, document }, method, gathered);
  else if (method !== 'GET' && method !== 'DELETE') gathered.config.body = 'none';
  if (method === 'GET') gathered.config.idempotent = true;
  return gathered;
}

type Parameter = { readonly place: Place; readonly parameter: Json };

/** The parameters of an operation and its path; the operation's own win. */
function parametersOf({ value, shared, document }: Operation, references: References): Parameter[] {
  const own = Array.isArray(value.parameters) ? value.parameters : [];
  const found = new Map<string, Parameter>();
  for (const each of [...shared, ...own]) {
    const resolved = references.follow({ value: each, document });
    if (!resolved.ok) throw new NotPossible(resolved.reason);
    const parameter = resolved.place.value;
    if (!isObject(parameter) || typeof parameter.name !== 'string') throw new NotPossible('a parameter has no name');
    found.set(`${String(parameter.in)} ${parameter.name}`, { place: resolved.place, parameter });
  }
  return [...found.values()];
}

function placePath({ path }: Operation, parameters: readonly Parameter[], gathered: Gathered): void {
  const ofPath = new Map(
    parameters.filter(({ parameter }) => parameter.in === 'path').map((each) => [each.parameter.name, each]),
  );
  gathered.config.path = path.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const known = ofPath.get(name);
    const style = known?.parameter.style ?? 'simple';
    if (style !== 'simple') throw new NotPossible(`the path parameter ${name} has the style ${String(style)}`);
    const schema = known === undefined ? { type: 'string' } : schemaOf(known.parameter, known.place, gathered);
    const argument = gathered.names.take(name, 'path');
    gathered.properties[argument] = schema;
    gathered.required.push(argument);
    return `{${argument}}`;
  });
}

/** The schema of a parameter, with what is said about the parameter itself. */
function schemaOf(parameter: Json, { document }: Place, { writer }: Gathered): Json | boolean {
  const [content] = isObject(parameter.content) ? Object.values(parameter.content) : [];
  const value = isObject(content) ? content.schema : (parameter.schema ?? bareSchema(parameter));
  const schema = writer.write({ value: value ?? {}, document });
  const description = typeof parameter.description === 'string' ? plain(parameter.description, 500) : '';
  return isObject(schema) && description !== '' ? { ...schema, description } : schema;
}

/** A parameter of Swagger 2, which is its own schema, where it was left so. */
function bareSchema({ type, items, enum: values, format }: Json): Json {
  return {
    ...(type !== undefined && { type }),
    ...(items !== undefined && { items }),
    ...(values !== undefined && { enum: values }),
    ...(format !== undefined && { format }),
  };
}

function queryOf(parameter: Json, place: Place, gathered: Gathered): unknown {
  const name = parameter.name as string;
  const argument = gathered.names.take(name, 'query');
  const schema = schemaOf(parameter, place, gathered);
  gathered.properties[argument] = schema;
  if (parameter.required === true) gathered.required.push(argument);
  const style = isObject(parameter.content) ? 'json' : styleOf(parameter, schema);
  const explode = typeof parameter.explode === 'boolean' && style !== 'json' ? { explode: parameter.explode } : {};
  const isPlain = style === undefined && explode.explode !== false;
  if (isPlain && argument === name) return argument;
  return { argument, ...(argument !== name && { name }), ...(!isPlain && { style: style ?? 'form', ...explode }) };
}

/** Undefined where arrays are repeated and nothing else needs a style. */
function styleOf({ style = 'form' }: Json, schema: Json | boolean): string | undefined {
  if (style !== 'form') {
    if (style === 'deepObject' || style === 'spaceDelimited' || style === 'pipeDelimited') return style;
    throw new NotPossible(`a parameter has the style ${String(style)}`);
  }
  return isObject(schema) && (schema.type === 'object' || isObject(schema.properties)) ? 'form' : undefined;
}

function headerOf(parameter: Json, place: Place, gathered: Gathered): unknown[] {
  const name = parameter.name as string;
  if (IGNORED_HEADERS.has(name.toLowerCase())) return [];
  const fits = openapiHandlerSchema.safeParse({
    method: 'GET',
    path: '/',
    operation: 'GET /',
    header_arguments: [{ argument: 'a', name }],
  });
  if (!fits.success) {
    if (parameter.required === true)
      throw new NotPossible(`it needs the header ${name}: ${fits.error.issues[0]!.message}`);
    gathered.notes.push(`the header ${plain(name, 80)} was left out`);
    return [];
  }
  const argument = gathered.names.take(name, 'header');
  gathered.properties[argument] = schemaOf(parameter, place, gathered);
  if (parameter.required === true) gathered.required.push(argument);
  return [{ argument, name }];
}

function withoutCookie(parameter: Json, { notes }: Gathered): void {
  const name = plain(String(parameter.name), 80);
  if (parameter.required === true) throw new NotPossible(`it needs the cookie ${name}`);
  notes.push(`the cookie ${name} was left out`);
}

/** The security of an operation: sets of schemes, one of which it asks for. */
export function securityOf(value: unknown): readonly (readonly string[])[] {
  if (!Array.isArray(value)) return [];
  const sets = value.filter(isObject).map((each) => uniqueTexts(Object.keys(each)));
  return sets.some((set) => set.length === 0) ? [] : sets;
}
