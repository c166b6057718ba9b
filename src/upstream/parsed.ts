import type { z } from 'zod';

const known = new WeakMap<z.ZodType, WeakMap<object, object | null>>();

/**
 * A config as its schema gives it, or undefined if it does not fit. Remembered for as long as somebody holds the
 * config: parsing one costs as much as a third of a whole exchange, and configs are never changed, only read anew.
 */
export function parsedBy<T extends object>(schema: z.ZodType<T>, config: unknown): T | undefined {
  if (typeof config !== 'object' || config === null) return undefined;
  let results = known.get(schema);
  if (results === undefined) {
    results = new WeakMap();
    known.set(schema, results);
  }
  let result = results.get(config);
  if (result === undefined) {
    const parsed = schema.safeParse(config);
    result = parsed.success ? parsed.data : null;
    results.set(config, result);
  }
  return (result ?? undefined) as T | undefined;
}
