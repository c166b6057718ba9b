import { canonicalize } from '../jcs.ts';
import type { JsonFault } from '../json-fault.ts';
import { formatPath, type PathStep } from '../json-path.ts';
import { formFault } from './forms.ts';
import { SCHEMA_LIMITS as LIMITS } from './limits.ts';
import { compilePattern, type LinearPattern } from './linear-pattern.ts';
import {
  isDefinitions,
  isSchemaObject,
  KEYWORDS,
  REFUSED,
  type Schema,
  type SchemaObject,
  subschemas,
} from './rules.ts';

/** A schema that holds every bound, with what the later steps look up. */
export type InspectedSchema = {
  readonly root: SchemaObject;
  /** What each `$ref` text points at. */
  readonly targets: ReadonlyMap<string, Schema>;
  readonly patterns: ReadonlyMap<string, LinearPattern>;
};

export type Inspection =
  | { readonly ok: true; readonly inspected: InspectedSchema }
  | ({ readonly ok: false } & JsonFault);

/**
 * Checks a tenant's schema before anything is built from it: JSON only, known keywords of the right form,
 * local references without recursion, patterns in linear time, and every bound of {@link LIMITS}.
 */
export function inspectSchema(schema: unknown): Inspection {
  let bytes: number;
  try {
    bytes = Buffer.byteLength(canonicalize(schema));
  } catch {
    return { ok: false, path: '$', reason: 'not a JSON value' };
  }
  if (bytes > LIMITS.maxBytes) return { ok: false, path: '$', reason: `larger than ${LIMITS.maxBytes} bytes` };
  if (!isSchemaObject(schema) || schema.type !== 'object') {
    return { ok: false, path: '$.type', reason: 'must be "object": the arguments of a call are an object' };
  }
  const inspector = new Inspector(schema);
  const fault = inspector.run();
  return fault === null ? { ok: true, inspected: inspector } : { ok: false, ...fault };
}

type Expanded = { readonly nodes: number; readonly depth: number };

class Inspector implements InspectedSchema {
  readonly root: SchemaObject;
  readonly targets = new Map<string, Schema>();
  readonly patterns = new Map<string, LinearPattern>();
  private readonly byPointer = new Map<string, Schema>();
  private readonly references: { readonly text: string; readonly path: string }[] = [];
  private readonly expanded = new Map<SchemaObject, Expanded | 'open'>();
  private nodes = 0;
  private patternLengths = 0;
  private patternSizes = 0;

  constructor(root: SchemaObject) {
    this.root = root;
  }

  run(): JsonFault | null {
    return this.visit(this.root, [], 1) ?? this.resolveReferences() ?? this.boundExpansion();
  }

  private visit(schema: Schema, path: PathStep[], depth: number): JsonFault | null {
    if (++this.nodes > LIMITS.maxNodes) return fault([], `has more than ${LIMITS.maxNodes} subschemas`);
    if (depth > LIMITS.maxDepth) return fault(path, `nested deeper than ${LIMITS.maxDepth} subschemas`);
    this.byPointer.set(pointer(path), schema);
    if (typeof schema === 'boolean') return null;
    for (const keyword of Object.keys(schema)) {
      const found = this.keyword(keyword, schema[keyword], path);
      if (found !== null) return found;
    }
    for (const { keyword, key, schema: inner } of subschemas(schema)) {
      const found = this.visit(inner, key === null ? [...path, keyword] : [...path, keyword, key], depth + 1);
      if (found !== null) return found;
    }
    return null;
  }

  private keyword(keyword: string, value: unknown, path: PathStep[]): JsonFault | null {
    const at = [...path, keyword];
    const form = KEYWORDS.get(keyword);
    if (form === undefined) {
      if (keyword.startsWith('x-')) return null;
      return fault(at, REFUSED.get(keyword) ?? 'unknown keyword (only keywords that start with "x-" are free)');
    }
    const reason = formFault(form, value);
    if (reason !== null) return fault(at, reason);
    if (form === 'pattern') return this.pattern(value as string, at);
    if (form === 'ref') this.references.push({ text: value as string, path: formatPath(at) });
    if (form !== 'patterns') return null;
    for (const source of Object.keys(value as object)) {
      const found = this.pattern(source, [...at, source]);
      if (found !== null) return found;
    }
    return null;
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

  private resolveReferences(): JsonFault | null {
    for (const { text, path } of this.references) {
      if (!text.startsWith('#')) return { path, reason: 'only local references ("#/…") are supported' };
      const target = this.byPointer.get(normalPointer(text));
      if (target === undefined) return { path, reason: 'points at no subschema of this schema' };
      this.targets.set(text, target);
    }
    return null;
  }

  private boundExpansion(): JsonFault | null {
    const expanded = this.expand(this.root);
    if (expanded === null) return fault([], 'recursive: a reference leads back to a schema that contains it');
    if (expanded.nodes > LIMITS.maxExpandedNodes) {
      return fault([], `has more than ${LIMITS.maxExpandedNodes} subschemas once references are followed`);
    }
    if (expanded.depth > LIMITS.maxExpandedDepth) {
      return fault([], `nested deeper than ${LIMITS.maxExpandedDepth} subschemas once references are followed`);
    }
    return null;
  }

  /** Size and depth with references followed, each schema measured once; null when they lead in a circle. */
  private expand(schema: Schema): Expanded | null {
    if (typeof schema === 'boolean') return { nodes: 1, depth: 1 };
    const known = this.expanded.get(schema);
    if (known === 'open') return null;
    if (known !== undefined) return known;
    this.expanded.set(schema, 'open');
    let nodes = 1;
    let depth = 0;
    for (const inner of this.parts(schema)) {
      const part = this.expand(inner);
      if (part === null) return null;
      nodes += part.nodes;
      depth = Math.max(depth, part.depth);
    }
    const measured = { nodes, depth: depth + 1 };
    this.expanded.set(schema, measured);
    return measured;
  }

  private parts(schema: SchemaObject): Schema[] {
    const parts = subschemas(schema)
      .filter(({ keyword }) => !isDefinitions(keyword))
      .map(({ schema: inner }) => inner);
    const target = typeof schema.$ref === 'string' ? this.targets.get(schema.$ref) : undefined;
    return target === undefined ? parts : [...parts, target];
  }
}

const fault = (path: readonly PathStep[], reason: string): JsonFault => ({ path: formatPath(path), reason });

const escapeToken = (step: PathStep): string => String(step).replaceAll('~', '~0').replaceAll('/', '~1');

/** The JSON pointer (RFC 6901) of a path, as the fragment of a local reference. */
const pointer = (path: readonly PathStep[]): string => `#${path.map((step) => `/${escapeToken(step)}`).join('')}`;

/** A reference text with percent escapes undone, so that it compares with {@link pointer}. */
function normalPointer(reference: string): string {
  try {
    return decodeURIComponent(reference);
  } catch {
    return reference;
  }
}
