import type { ArgumentNames } from './names.ts';
import type { Json } from './parse.ts';
import type { References } from './references.ts';
import type { SchemaWriter } from './schema.ts';

/** Why an operation cannot be a tool. */
export class NotPossible extends Error {}

/** What the parts of an operation are gathered into. */
export type Gathered = {
  readonly names: ArgumentNames;
  readonly writer: SchemaWriter;
  readonly references: References;
  readonly properties: Json;
  readonly required: string[];
  readonly notes: string[];
  readonly config: Json;
  /** What else the arguments have to fit. */
  readonly root: Json;
};
