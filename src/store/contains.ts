import { type Expression, type RawBuilder, sql } from 'kysely';

/** Whether a text holds another, in upper or lower case. What is looked for is taken as it is: `%` is a percent sign. */
export function contains(column: string | Expression<unknown>, wanted: string): RawBuilder<boolean> {
  return sql<boolean>`strpos(lower(${typeof column === 'string' ? sql.ref(column) : column}), lower(${wanted})) > 0`;
}
