import { LRUCache } from 'lru-cache';
import { sha256Hex } from '../../kernel/hash.ts';
import type { Shape } from '../../kernel/json-schema/shape.ts';
import type { GrantRule } from '../../registry/grants/rules.ts';
import { type CompiledRules, compileKept } from './compile.ts';

/** The rules of a grant as they are kept, with what they are known by together with the tool that they were checked against. */
export type KeptRules = { readonly list: readonly GrantRule[]; readonly key: string };

/** A list of rules that is ready takes up some 50 kB; one that was forgotten is made again within about a millisecond. */
const READY_MAX = 1_000;
const ready = new LRUCache<string, CompiledRules>({ max: READY_MAX });

/** The rules of a grant of a tool with this definition; undefined where there are none. */
export function keptRules(list: readonly GrantRule[], definitionSha256: string): KeptRules | undefined {
  return list.length === 0 ? undefined : { list, key: `${definitionSha256} ${sha256Hex(JSON.stringify(list))}` };
}

/** Kept rules, ready to be asked over arguments of this shape. */
export function readyRules({ list, key }: KeptRules, shape: () => Shape): CompiledRules {
  let compiled = ready.get(key);
  if (compiled === undefined) {
    compiled = compileKept(list, shape());
    ready.set(key, compiled);
  }
  return compiled;
}
