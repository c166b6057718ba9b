type Schema = Readonly<Record<string, unknown>>;

/** A value of the schema's type, with nothing but what is required. Patterns and formats are not heeded. */
export function sampleOf(schema: Schema): unknown {
  if ('const' in schema) return schema.const;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const oneOf = (schema.oneOf ?? schema.anyOf) as Schema[] | undefined;
  if (oneOf !== undefined) return sampleOf(oneOf[0]!);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'string') return 'text';
  if (type === 'integer' || type === 'number') return 1;
  if (type === 'boolean') return true;
  if (type === 'array') return [];
  if (type === 'null') return null;
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  const required = (schema.required ?? []) as string[];
  return Object.fromEntries(required.map((name) => [name, sampleOf(properties[name] ?? {})]));
}
