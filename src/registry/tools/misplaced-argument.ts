import type { Takes } from '../../upstream/kind.ts';

/**
 * What does not fit between a tool's input schema and the places its handler has for arguments, as a field and a
 * sentence, or null. Looks at what the root of the schema says plainly; the rest is seen when a call is made.
 */
export function misplacedArgument(
  inputSchema: Readonly<Record<string, unknown>>,
  { needed, others }: Takes,
): [field: string, message: string] | null {
  const { properties, additionalProperties, patternProperties } = inputSchema;
  const declared = typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
  const isClosed = additionalProperties === false && patternProperties === undefined;
  const missing = isClosed ? needed.find((name) => !declared.includes(name)) : undefined;
  if (missing !== undefined) {
    return ['handler_config', `every call needs the argument "${missing}", which input_schema does not let through`];
  }
  if (others === 'any') return null;
  const homeless = declared.find((name) => !needed.includes(name) && !others.includes(name));
  if (homeless === undefined) return null;
  return [
    `input_schema.properties.${homeless}`,
    'handler_config has no place for this argument, so it would never be sent; give it one or leave it out',
  ];
}
