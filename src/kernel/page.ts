import { z } from 'zod';
import { type IdPrefix, idPattern, isId } from './ids.ts';

/** Lists are read page by page, newest first. Ids are ordered by time, so a page is named by the last id seen. */
export type PageInput = { readonly limit: number; readonly cursor?: string | undefined };
export type Page<T> = { readonly items: T[]; readonly next_cursor: string | null };

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

/** The answer of a list, for the API description. */
export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

/** A page from rows that were read with `limit + 1`: the one too many tells that there is a next page. */
export function pageOf<Row, T extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => T,
): Page<T> {
  const items = rows.slice(0, limit).map(view);
  return { items, next_cursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
