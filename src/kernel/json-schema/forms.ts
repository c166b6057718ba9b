import { isCurrency } from '../money.ts';
import { DIALECT, type Form, isSchemaObject, ROLES, TYPES } from './rules.ts';

/** Says what is wrong with the form of a keyword's value, or null when it is right. Subschemas are not entered. */
export function formFault(form: Form, value: unknown): string | null {
  return FORMS[form](value);
}

const COUNT = 'must be a whole number that is not negative';
const SCHEMA = 'must be a schema (an object or a boolean)';
const TEXTS = 'must be a list of different strings';

const isText = (value: unknown): boolean => typeof value === 'string';
const isSchema = (value: unknown): boolean => typeof value === 'boolean' || isSchemaObject(value);
const isTextList = (value: unknown): boolean =>
  Array.isArray(value) && value.every(isText) && new Set(value).size === value.length;
const isSchemaMap = (value: unknown): boolean => isSchemaObject(value) && Object.values(value).every(isSchema);
const isType = (value: unknown): boolean => TYPES.some((type) => type === value);

const unless =
  (holds: (value: unknown) => boolean, reason: string) =>
  (value: unknown): string | null =>
    holds(value) ? null : reason;

const schemaMap = unless(isSchemaMap, 'must be an object whose members are schemas');

const matches =
  (pattern: RegExp) =>
  (value: unknown): boolean =>
    typeof value === 'string' && pattern.test(value);

const AMOUNT =
  'must be {"unit": "minor" or "major", "currency": an ISO 4217 code such as "EUR", or {"field": a property beside it}}';

function isAmountMark(value: unknown): boolean {
  if (!isSchemaObject(value) || Object.keys(value).sort().join() !== 'currency,unit') return false;
  const { unit, currency } = value as { unit: unknown; currency: unknown };
  if (unit !== 'minor' && unit !== 'major') return false;
  if (typeof currency === 'string') return isCurrency(currency);
  return isSchemaObject(currency) && Object.keys(currency).join() === 'field' && isText(currency.field);
}

const FORMS: Record<Form, (value: unknown) => string | null> = {
  amount: unless(isAmountMark, AMOUNT),
  anchor: unless(matches(/^[A-Za-z_][-A-Za-z0-9._]*$/), 'must be a name of letters, digits and -._'),
  any: () => null,
  boolean: unless((value) => typeof value === 'boolean', 'must be true or false'),
  count: unless((value) => Number.isSafeInteger(value) && (value as number) >= 0, COUNT),
  dialect: unless(
    matches(DIALECT),
    'must be a dialect of json-schema.org, as https://json-schema.org/draft/2020-12/schema',
  ),
  enum: unless((value) => Array.isArray(value), 'must be a list of values'),
  id: unless(matches(/^[^#]+#?$/), 'must be a URI without a fragment'),
  number: unless((value) => typeof value === 'number', 'must be a number'),
  pattern: unless(isText, 'must be a string'),
  patterns: schemaMap,
  positive: unless((value) => typeof value === 'number' && value > 0, 'must be a number above 0'),
  ref: unless(isText, 'must be a string'),
  role: unless((value) => ROLES.some((role) => role === value), `must be one of ${ROLES.join(', ')}`),
  schema: unless(isSchema, SCHEMA),
  schemaList: unless(
    (value) => Array.isArray(value) && value.length > 0 && value.every(isSchema),
    'must be a list with at least one schema',
  ),
  schemaMap,
  text: unless(isText, 'must be a string'),
  textList: unless(isTextList, TEXTS),
  textListMap: unless(
    (value) => isSchemaObject(value) && Object.values(value).every(isTextList),
    'must be an object whose members are lists of different strings',
  ),
  type: unless(
    (value) =>
      isType(value) || (isTextList(value) && (value as string[]).length > 0 && (value as string[]).every(isType)),
    `must be one or several of ${TYPES.join(', ')}`,
  ),
};
