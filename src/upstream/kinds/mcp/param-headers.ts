import { headerText, textOfHeader } from '../../../kernel/header-text.ts';

/** An argument that the later revision repeats in a header `Mcp-Param-<name>`, by its place in the arguments. */
export type ParamHeader = { readonly name: string; readonly path: readonly string[] };

/** The headers that repeat arguments, names and values in turn. What is no text, number or truth value is not repeated. */
export function paramHeaders(repeated: readonly ParamHeader[], args: unknown): string[] {
  return repeated.flatMap(({ name, path }) => {
    const text = textAt(args, path);
    return text === undefined ? [] : [`mcp-param-${name.toLowerCase()}`, headerText(text)];
  });
}

/**
 * Which header does not say what the arguments do; undefined where all do. `headers`: what follows `mcp-param-` in lower
 * case, and the value as it came.
 */
export function disagreeing(
  repeated: readonly ParamHeader[],
  args: unknown,
  headers: ReadonlyMap<string, string>,
): string | undefined {
  for (const { name, path } of repeated) {
    const header = headers.get(name.toLowerCase());
    const text = textAt(args, path);
    const isSaid = header === undefined ? text === undefined : text !== undefined && textOfHeader(header) === text;
    if (!isSaid) return `Mcp-Param-${name}`;
  }
  return undefined;
}

function textAt(root: unknown, path: readonly string[]): string | undefined {
  let value = root;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return isScalar ? String(value) : undefined;
}
