type Schema = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 8;

/** Arguments that fit an ordinary JSON Schema, for a snippet to start from: required members, first choices. */
export function exampleOf(schema: Schema, depth = 0): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  const [example] = [schema.examples, schema.enum].filter(Array.isArray).flat();
  if (example !== undefined) return example;
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'object':
      return depth >= MAX_DEPTH ? {} : members(schema, depth);
    case 'array': {
      const count = Math.max(1, Number(schema.minItems ?? 1));
      return Array.from({ length: Math.min(count, 3) }, () =>
        exampleOf((schema.items as Schema | undefined) ?? {}, depth + 1),
      );
    }
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return textOf(schema);
  }
}

function members(schema: Schema, depth: number): unknown {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, Schema>>;
  const required = Array.isArray(schema.required) ? (schema.required as string[]) : [];
  return Object.fromEntries(required.map((name) => [name, exampleOf(properties[name] ?? {}, depth + 1)]));
}

function numberOf({ minimum, exclusiveMinimum, maximum, multipleOf }: Schema): number {
  const step = typeof multipleOf === 'number' ? multipleOf : 1;
  const least =
    typeof minimum === 'number' ? minimum : typeof exclusiveMinimum === 'number' ? exclusiveMinimum + step : 1;
  return typeof maximum === 'number' ? Math.min(Math.max(1, least), maximum) : Math.max(1, least);
}

function textOf({ format, pattern, maxLength }: Schema): string {
  if (format === 'email') return 'someone@example.com';
  if (format === 'date-time') return new Date().toISOString();
  if (format === 'uri' || format === 'url') return 'https://example.com/';
  if (typeof pattern === 'string' && pattern.includes('[A-Z]{3}')) return 'EUR';
  return 'example'.slice(0, typeof maxLength === 'number' ? maxLength : undefined);
}
