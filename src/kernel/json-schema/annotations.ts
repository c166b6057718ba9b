import { formatPath, type PathStep } from '../json-path.ts';
import type { AmountMark } from '../money.ts';
import type { JsonArray, JsonObject, JsonValue } from '../strict-json.ts';
import { type InspectedSchema, inspectSchema } from './inspect.ts';
import { isDefinitions, type Role, type Schema, subschemas } from './rules.ts';

type Steps = readonly (PathStep | null)[];

/** A place in the arguments that a schema marks for the approval card. In `steps`, null is every item or member. */
export type Annotation = {
  readonly path: string;
  readonly role: Role;
  readonly steps: Steps;
  /** Of an amount: what its number counts. */
  readonly amount?: AmountMark;
};

/** A marked value of one payload. */
export type AnnotatedValue = {
  readonly role: Role;
  readonly path: string;
  readonly steps: readonly PathStep[];
  readonly value: JsonValue;
  readonly amount?: AmountMark;
  /** What the value is a member of. */
  readonly around: JsonObject | JsonArray | null;
};

const MAX_ANNOTATIONS = 200;
const MAX_VALUES = 200;

/**
 * Lists what a schema marks with `x-countersign` (`recipient`, `amount`, `currency`, `subject`), or as a
 * recipient with the format `email` or `idn-email`, in the order of the schema and at most 200. Paths look like `$.to[*]`.
 * A schema that {@link inspectSchema} refuses has none.
 */
export function readAnnotations(schema: unknown): Annotation[] {
  const inspection = inspectSchema(schema);
  return inspection.ok ? annotationsOf(inspection.inspected) : [];
}

/** {@link readAnnotations} of a schema that was inspected already. */
export function annotationsOf(inspected: InspectedSchema): Annotation[] {
  const collector = new Collector(inspected);
  collector.collect(inspected.root, []);
  return [...collector.found.values()];
}

/** How often a schema that leads back to itself is followed into itself, and how many subschemas are looked at. */
const MAX_ROUNDS = 4;
const MAX_LOOKS = 20_000;

class Collector {
  readonly found = new Map<string, Annotation>();
  private readonly rounds = new Map<Schema, number>();
  private looks = 0;
  private readonly inspected: InspectedSchema;

  constructor(inspected: InspectedSchema) {
    this.inspected = inspected;
  }

  collect(schema: Schema, steps: Steps): void {
    const round = this.rounds.get(schema) ?? 0;
    if (round >= MAX_ROUNDS) return;
    this.rounds.set(schema, round + 1);
    this.look(schema, steps);
    this.rounds.set(schema, round);
  }

  private look(schema: Schema, steps: Steps): void {
    if (typeof schema === 'boolean' || this.found.size >= MAX_ANNOTATIONS || ++this.looks > MAX_LOOKS) return;
    const role = (schema['x-countersign'] as Role | undefined) ?? (isAddress(schema.format) ? 'recipient' : undefined);
    if (role !== undefined) {
      const path = formatSteps(steps);
      const amount = schema['x-countersign-amount'] as AmountMark | undefined;
      this.found.set(`${role} ${path}`, { path, role, steps, ...(amount && { amount }) });
    }
    const target = this.inspected.targets.get(schema);
    if (target !== undefined) this.collect(target, steps);
    for (const { keyword, key, schema: inner } of subschemas(schema)) {
      const step = stepInto(keyword, key);
      if (step !== undefined) this.collect(inner, [...steps, ...step]);
    }
  }
}

const isAddress = (format: unknown): boolean => format === 'email' || format === 'idn-email';

/** How a subschema's values lie in the payload; undefined where it says nothing about what will be sent. */
function stepInto(keyword: string, key: PathStep | null): Steps | undefined {
  switch (keyword) {
    case 'properties':
    case 'prefixItems':
      return [key];
    case 'items':
    case 'contains':
    case 'unevaluatedItems':
    case 'patternProperties':
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return [null];
    case 'not':
    case 'if':
    case 'propertyNames':
      return undefined;
    default:
      return isDefinitions(keyword) ? undefined : [];
  }
}

/** Reads the marked values out of one payload, in the order of the annotations and at most 200. */
export function annotatedValues(annotations: readonly Annotation[], payload: JsonValue): AnnotatedValue[] {
  const values: AnnotatedValue[] = [];
  for (const annotation of annotations) pick(payload, annotation.steps, [], null, annotation, values);
  return values;
}

function pick(
  value: JsonValue,
  steps: Steps,
  taken: readonly PathStep[],
  around: AnnotatedValue['around'],
  annotation: Annotation,
  values: AnnotatedValue[],
): void {
  if (values.length >= MAX_VALUES) return;
  const [step, ...rest] = steps;
  const { role, amount } = annotation;
  if (step === undefined) {
    values.push({ role, path: formatPath(taken), steps: taken, value, ...(amount && { amount }), around });
  } else if (typeof value === 'object' && value !== null) {
    for (const key of keysAt(value, step)) {
      pick((value as JsonObject)[key] as JsonValue, rest, [...taken, key], value, annotation, values);
    }
  }
}

/** The keys of a container that a step leads to. An index works as a key of an array. */
function keysAt(value: JsonObject | JsonArray, step: PathStep | null): readonly PathStep[] {
  if (step !== null) return Object.hasOwn(value, step) ? [step] : [];
  return Array.isArray(value) ? [...value.keys()].slice(0, MAX_VALUES) : Object.keys(value).slice(0, MAX_VALUES);
}

function formatSteps(steps: Steps): string {
  return steps.reduce<string>((path, step) => path + (step === null ? '[*]' : formatPath([step]).slice(1)), '$');
}
