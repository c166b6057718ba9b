import { isDefinitions, isInPlace, type Schema, type SchemaObject, subschemas } from './rules.ts';

type Targets = ReadonlyMap<SchemaObject, Schema>;
type Measure = { readonly nodes: number; readonly depth: number };

/**
 * How large a schema is when each reference is followed, once where it leads back to a schema around it, and whether
 * one does. Each schema is measured once.
 */
export function measureExpanded(root: Schema, targets: Targets): Measure & { readonly isRecursive: boolean } {
  const known = new Map<SchemaObject, Measure | 'open'>();
  let isRecursive = false;
  const measure = (schema: Schema): Measure => {
    if (typeof schema === 'boolean') return { nodes: 1, depth: 1 };
    const found = known.get(schema);
    if (found === 'open') {
      isRecursive = true;
      return { nodes: 1, depth: 1 };
    }
    if (found !== undefined) return found;
    known.set(schema, 'open');
    let nodes = 1;
    let depth = 0;
    for (const inner of parts(schema, targets, (keyword) => !isDefinitions(keyword))) {
      const part = measure(inner);
      nodes += part.nodes;
      depth = Math.max(depth, part.depth);
    }
    const measured = { nodes, depth: depth + 1 };
    known.set(schema, measured);
    return measured;
  };
  return { ...measure(root), isRecursive };
}

/** Whether a schema leads back to itself for the same value, so that checking it would never end. */
export function hasEndlessCircle(root: Schema, targets: Targets): boolean {
  const done = new Map<SchemaObject, boolean>();
  const everywhere: Schema[] = [root];
  const isEndless = (schema: Schema): boolean => {
    if (typeof schema === 'boolean') return false;
    const state = done.get(schema);
    if (state !== undefined) return !state;
    done.set(schema, false);
    if (parts(schema, targets, isInPlace).some(isEndless)) return true;
    done.set(schema, true);
    return false;
  };
  for (let schema = everywhere.pop(); schema !== undefined; schema = everywhere.pop()) {
    if (isEndless(schema)) return true;
    everywhere.push(...subschemas(schema).map(({ schema: inner }) => inner));
  }
  return false;
}

function parts(schema: SchemaObject, targets: Targets, counts: (keyword: string) => boolean): Schema[] {
  const inner = subschemas(schema)
    .filter(({ keyword }) => counts(keyword))
    .map((part) => part.schema);
  const target = targets.get(schema);
  return target === undefined ? inner : [...inner, target];
}
