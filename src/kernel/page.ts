import { z } from 'zod';
import { type IdPrefix, idPattern, isId } from './ids.ts';

/** Lists are read page by page, newest first. Ids are ordered by time, so a page is named by the last id seen. */
export type PageInput = {
  readonly limit: number;
  readonly cursor?: string | undefined;
  /** Nobody asks how many there are. */
  readonly uncounted?: true;
};
export type Page<T> = {
  readonly items: T[];
  readonly next_cursor: string | null;
  /** How many there are under the same filters. On the first page only: later ones have null. */
  readonly total: Total | null;
};

/** Counting stops somewhere: `exact` is false where there may be more than `count`. */
export type Total = { readonly count: number; readonly exact: boolean };

/** Where counting stops. */
export const COUNTED_MAX = 10_000;

/** What was counted up to one more than {@link COUNTED_MAX}. */
export function totalOf(counted: number): Total {
  return { count: Math.min(counted, COUNTED_MAX), exact: counted <= COUNTED_MAX };
}

const LIMIT_DEFAULT = 25;
const LIMIT_MAX = 100;
const limit = z.coerce.number({ error: 'write a number from 1 to 100' });

/** The query fields of a list whose items have ids with this prefix. Spread them into the query's schema. */
export function pageQuery(prefix: IdPrefix) {
  const error = `write the next_cursor of the page before, ${prefix}_…`;
  return {
    limit: limit
      .int('write a whole number')
      .min(1, 'at least 1')
      .max(LIMIT_MAX, `at most ${LIMIT_MAX}`)
      .default(LIMIT_DEFAULT),
    cursor: z
      .string()
      .refine((id): boolean => isId(prefix, id), { error })
      .meta({ pattern: idPattern(prefix) })
      .optional(),
  };
}

const QUERY_MAX = 200;

/** The query field that looks for a text in names. */
export const searched = {
  q: z
    .string()
    .trim()
    .min(1, 'write what to look for')
    .max(QUERY_MAX, `at most ${QUERY_MAX} characters`)
    .optional()
    .describe('Part of a name, in upper or lower case.'),
};

/** The answer of a list, for the API description. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable(), total: totalSchema });
}

/** How many there are, for the API description. */
export const totalSchema = z
  .object({ count: z.int(), exact: z.boolean() })
  .nullable()
  .describe('How many there are in all, on the first page. Counting stops at 10000; then `exact` is false.');

/** A page from rows that were read with `limit + 1`: the one too many tells that there is a next page. */
export function pageOf<Row, T extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => T,
  total: Total | null,
): Page<T> {
  const items = rows.slice(0, limit).map(view);
  return { items, next_cursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null, total };
}
