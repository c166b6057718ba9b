/** What one argument of an operation is, as a row of the form says it. */
export type FieldRow = {
  /** For React only: rows may be alike while they are written. */
  readonly key: number;
  readonly name: string;
  readonly type: FieldType;
  readonly required: boolean;
  readonly mark: Mark;
  /** Of amounts: whether the number counts cents or euros, and of which currency. */
  readonly unit: 'minor' | 'major';
  readonly currency: string;
};

export const FIELD_TYPES = {
  text: ['text', { type: 'string', maxLength: 10_000 }],
  email: ['e-mail address', { type: 'string', format: 'email' }],
  emails: [
    'e-mail addresses',
    { type: 'array', items: { type: 'string', format: 'email' }, minItems: 1, maxItems: 50 },
  ],
  integer: ['whole number', { type: 'integer' }],
  number: ['number', { type: 'number' }],
  boolean: ['yes or no', { type: 'boolean' }],
  texts: ['list of texts', { type: 'array', items: { type: 'string' }, maxItems: 100 }],
} as const satisfies Readonly<Record<string, readonly [string, Readonly<Record<string, unknown>>]>>;
export type FieldType = keyof typeof FIELD_TYPES;

/** What an approver must see first. */
export const MARKS = {
  '': 'nothing special',
  recipient: 'who it reaches',
  amount: 'how much',
  subject: 'what it is about',
} as const;
export type Mark = keyof typeof MARKS;

/** A row as it begins. */
export function newRow(key: number, name = ''): FieldRow {
  return { key, name, type: 'text', required: true, mark: '', unit: 'minor', currency: 'EUR' };
}

/** The names that a path takes from the arguments, such as `id` in `/orders/{id}`. */
export function namesIn(path: string): string[] {
  return [...new Set([...path.matchAll(/\{([A-Za-z_][A-Za-z0-9_]*)\}/g)].map(([, name]) => name!))];
}

/** The input schema that rows describe. Rows without a name are not there yet. */
export function schemaOf(rows: readonly FieldRow[]): Record<string, unknown> {
  const named = rows.filter(({ name }) => name.trim() !== '');
  return {
    type: 'object',
    properties: Object.fromEntries(named.map((row) => [row.name.trim(), propertyOf(row)])),
    required: named.filter(({ required }) => required).map(({ name }) => name.trim()),
    additionalProperties: false,
  };
}

function propertyOf({ type, mark, unit, currency }: FieldRow): Record<string, unknown> {
  const [, schema] = FIELD_TYPES[type];
  const marked = mark === '' ? {} : { 'x-countersign': mark };
  const money = mark === 'amount' ? { 'x-countersign-amount': { unit, currency: currency.trim().toUpperCase() } } : {};
  // A mark of a list is a mark of each of its items.
  if ('items' in schema) return { ...schema, items: { ...schema.items, ...marked, ...money } };
  return { ...schema, ...marked, ...money };
}

/** What is wrong with a row, in the words of the form; undefined when nothing is. */
export function faultOf(row: FieldRow, rows: readonly FieldRow[]): string | undefined {
  const name = row.name.trim();
  if (name !== '' && rows.some((other) => other.key !== row.key && other.name.trim() === name)) {
    return 'There is another field of this name.';
  }
  if (row.mark === 'amount' && row.type !== 'integer' && row.type !== 'number') return 'An amount is a number.';
  return undefined;
}

/** A name for the operation, from where it leads: `orders.create` for `POST /v2/orders`. */
export function toolNameOf(method: string, path: string): string {
  const verb = { GET: 'read', POST: 'create', PUT: 'write', PATCH: 'change', DELETE: 'delete' }[method] ?? 'call';
  const words = path
    .split('/')
    .filter((part) => part !== '' && !part.includes('{') && !/^v\d+$/i.test(part))
    .map((part) =>
      part
        .toLowerCase()
        .replaceAll(/[^a-z0-9]+/g, '_')
        .replaceAll(/^_+|_+$/g, ''),
    )
    .filter((part) => /^[a-z]/.test(part));
  return [...words.slice(-2), verb].join('.').slice(0, 64);
}
