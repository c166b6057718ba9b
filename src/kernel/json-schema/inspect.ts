import { canonicalize } from '../jcs.ts';
import type { JsonFault } from '../json-fault.ts';
import { formatPath, type PathStep } from '../json-path.ts';
import type { AmountMark } from '../money.ts';
import { hasEndlessCircle, measureExpanded } from './circles.ts';
import { FORMATS } from './formats/formats.ts';
import { formFault } from './forms.ts';
import { SCHEMA_LIMITS as LIMITS } from './limits.ts';
import { compilePattern, type LinearPattern } from './linear-pattern.ts';
import { References, type Resource, ROOT } from './references.ts';
import { isSchemaObject, KEYWORDS, OWN_DIALECT, REFUSED, type Schema, type SchemaObject, subschemas } from './rules.ts';

/** A schema that holds every bound, with what the later steps look up. */
export type InspectedSchema = {
  readonly root: Schema;
  /** What the `$ref` of a schema points at. */
  readonly targets: ReadonlyMap<SchemaObject, Schema>;
  readonly patterns: ReadonlyMap<string, LinearPattern>;
  /** Whether a reference leads back to a schema around it. */
  readonly isRecursive: boolean;
  /** What is accepted and has no effect, and where. */
  readonly notes: readonly JsonFault[];
};

export type Inspection =
  | { readonly ok: true; readonly inspected: InspectedSchema }
  | ({ readonly ok: false } & JsonFault);

/**
 * Checks a tenant's schema before anything is built from it: JSON only, an object at the root, keywords of the right
 * form, references inside the document that end, patterns in linear time, and every bound of {@link LIMITS}.
 */
export function inspectSchema(schema: unknown): Inspection {
  const tooLarge = sizeFault(schema);
  if (tooLarge !== null) return { ok: false, ...tooLarge };
  if (!isSchemaObject(schema) || schema.type !== 'object' || schema.nullable === true) {
    return { ok: false, path: '$.type', reason: 'must be "object": the arguments of a call are an object' };
  }
  return inspect(schema);
}

/** {@link inspectSchema} for a schema of whatever values. */
export function inspectAnySchema(schema: unknown): Inspection {
  const wrong = sizeFault(schema);
  if (wrong !== null) return { ok: false, ...wrong };
  if (typeof schema === 'boolean' || isSchemaObject(schema)) return inspect(schema);
  return { ok: false, path: '$', reason: 'must be a schema (an object or a boolean)' };
}

function sizeFault(schema: unknown): JsonFault | null {
  let bytes: number;
  try {
    bytes = Buffer.byteLength(canonicalize(schema));
  } catch {
    return { path: '$', reason: 'not a JSON value' };
  }
  return bytes > LIMITS.maxBytes ? { path: '$', reason: `larger than ${LIMITS.maxBytes} bytes` } : null;
}

function inspect(schema: Schema): Inspection {
  const inspector = new Inspector(schema);
  const fault = inspector.run();
  return fault === null ? { ok: true, inspected: inspector } : { ok: false, ...fault };
}

class Inspector implements InspectedSchema {
  readonly root: Schema;
  readonly patterns = new Map<string, LinearPattern>();
  readonly notes: JsonFault[] = [];
  isRecursive = false;
  private readonly references = new References();
  private nodes = 0;
  private patternLengths = 0;
  private patternSizes = 0;

  constructor(root: Schema) {
    this.root = root;
  }

  get targets(): ReadonlyMap<SchemaObject, Schema> {
    return this.references.targets;
  }

  run(): JsonFault | null {
    return this.visit(this.root, [], 1, [ROOT]) ?? this.references.resolve() ?? this.boundExpansion();
  }

  /** `beside` are the names of the properties around a schema that is one itself. */
  private visit(
    schema: Schema,
    path: PathStep[],
    depth: number,
    around: readonly Resource[],
    beside: readonly string[] = [],
  ): JsonFault | null {
    if (++this.nodes > LIMITS.maxNodes) return fault([], `has more than ${LIMITS.maxNodes} subschemas`);
    if (depth > LIMITS.maxDepth) return fault(path, `nested deeper than ${LIMITS.maxDepth} subschemas`);
    if (typeof schema === 'boolean') return this.references.add(schema, around, path);
    for (const keyword of Object.keys(schema)) {
      const found = this.keyword(keyword, schema[keyword], path);
      if (found !== null) return found;
    }
    const unmarked = amountFault(schema, path, beside);
    if (unmarked !== null) return unmarked;
    let resources = around;
    if (typeof schema.$id === 'string') {
      const opened = this.references.open(schema.$id, around, path);
      if ('reason' in opened) return opened;
      resources = [...around, opened];
    }
    const misplaced = this.references.add(schema, resources, path);
    if (misplaced !== null) return misplaced;
    for (const { keyword, key, schema: inner } of subschemas(schema)) {
      const steps = key === null ? [...path, keyword] : [...path, keyword, key];
      const properties = keyword === 'properties' ? Object.keys(schema.properties as object) : [];
      const found = this.visit(inner, steps, depth + 1, resources, properties);
      if (found !== null) return found;
    }
    return null;
  }

  private keyword(keyword: string, value: unknown, path: PathStep[]): JsonFault | null {
    const at = [...path, keyword];
    const form = KEYWORDS.get(keyword);
    if (form === undefined) return this.unknown(keyword, at);
    const reason = formFault(form, value);
    if (reason !== null) return fault(at, reason);
    if (form === 'pattern') return this.pattern(value as string, at);
    if (form === 'dialect' && value !== OWN_DIALECT) this.note(at, 'read as JSON Schema 2020-12');
    if (keyword === 'format' && !FORMATS.has(value as string)) this.note(at, 'not a format that is checked');
    if (form !== 'patterns') return null;
    for (const source of Object.keys(value as object)) {
      const found = this.pattern(source, [...at, source]);
      if (found !== null) return found;
    }
    return null;
  }

  private unknown(keyword: string, at: PathStep[]): JsonFault | null {
    const reason = REFUSED.get(keyword);
    if (reason !== undefined) return fault(at, reason);
    if (!keyword.startsWith('x-')) this.note(at, 'not a keyword of JSON Schema: kept, and has no effect');
    return null;
  }

  private note(at: PathStep[], reason: string): void {
    if (this.notes.length < LIMITS.maxNotes) this.notes.push(fault(at, reason));
  }

  private pattern(source: string, path: PathStep[]): JsonFault | null {
    if (this.patterns.has(source)) return null;
    this.patternLengths += source.length;
    if (source.length > LIMITS.maxPatternLength) {
      return fault(path, `longer than ${LIMITS.maxPatternLength} characters`);
    }
    if (this.patternLengths > LIMITS.maxPatternLengths) {
      return fault(path, `the patterns together are longer than ${LIMITS.maxPatternLengths} characters`);
    }
    const compiled = compilePattern(source);
    if (!compiled.ok) return fault(path, compiled.reason);
    this.patternSizes += compiled.pattern.size;
    if (compiled.pattern.size > LIMITS.maxPatternSize) return fault(path, 'the pattern is too large once compiled');
    if (this.patternSizes > LIMITS.maxPatternSizes) {
      return fault(path, 'the patterns together are too large once compiled');
    }
    this.patterns.set(source, compiled.pattern);
    return null;
  }

  private boundExpansion(): JsonFault | null {
    if (hasEndlessCircle(this.root, this.targets)) {
      return fault([], 'recursive: a reference leads back to its own schema without going into the value');
    }
    const { nodes, depth, isRecursive } = measureExpanded(this.root, this.targets);
    this.isRecursive = isRecursive;
    if (nodes > LIMITS.maxExpandedNodes) {
      return fault([], `has more than ${LIMITS.maxExpandedNodes} subschemas once references are followed`);
    }
    if (depth > LIMITS.maxExpandedDepth) {
      return fault([], `nested deeper than ${LIMITS.maxExpandedDepth} subschemas once references are followed`);
    }
    return null;
  }
}

/** An amount says what it is beside the mark that it is one, and takes its currency from a property that is there. */
function amountFault(schema: SchemaObject, path: readonly PathStep[], beside: readonly string[]): JsonFault | null {
  const mark = schema['x-countersign-amount'] as AmountMark | undefined;
  if (mark === undefined) return null;
  const at = [...path, 'x-countersign-amount'];
  if (schema['x-countersign'] !== 'amount') return fault(at, 'stands beside "x-countersign": "amount"');
  if (typeof mark.currency === 'string' || beside.includes(mark.currency.field)) return null;
  return fault([...at, 'currency', 'field'], 'must name a property beside this one');
}

const fault = (path: readonly PathStep[], reason: string): JsonFault => ({ path: formatPath(path), reason });
