/**
 * A server's schema as calls are held against it: without the draft that it names, since what it says means the same in
 * all of them or is refused, and without our own marks, which say what people are shown first.
 */
export function schemaOf(schema: unknown): Record<string, unknown> {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return { type: 'object' };
  const { $schema: _, ...rest } = schema as Record<string, unknown>;
  return unmarked(rest) as Record<string, unknown>;
}

/** A schema without our own marks. `isNames`: the members are names of properties and not keywords. */
export function unmarked(value: unknown, isNames = false): unknown {
  if (Array.isArray(value)) return value.map((item) => unmarked(item));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => isNames || !name.startsWith('x-countersign'));
  return Object.fromEntries(
    kept.map(([name, item]) => [
      name,
      LITERAL.has(name) && !isNames ? item : unmarked(item, !isNames && NAMES.has(name)),
    ]),
  );
}

const NAMES = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas']);
const LITERAL = new Set(['const', 'enum', 'default', 'examples']);

/** Arguments that a later revision of the protocol repeats in headers, by where a schema says so (`x-mcp-header`). */
export function paramHeaders(schema: unknown, path: readonly string[] = []): { name: string; path: string[] }[] {
  if (path.length > 7 || typeof schema !== 'object' || schema === null) return [];
  const { properties } = schema as { properties?: unknown };
  if (typeof properties !== 'object' || properties === null) return [];
  return Object.entries(properties).flatMap(([name, property]) => {
    const header = (property as Record<string, unknown> | null)?.['x-mcp-header'];
    const here = [...path, name];
    const own =
      typeof header === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/.test(header)
        ? [{ name: header, path: here }]
        : [];
    return [...own, ...paramHeaders(property, here)];
  });
}
