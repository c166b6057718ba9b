import { RE2JS } from 're2js';
import { translatePattern } from './ecma-pattern.ts';

/** A pattern whose matching time grows with text length × `size` and no faster, whatever the text. */
export type LinearPattern = { readonly size: number; test(text: string): boolean };

export type CompiledPattern =
  | { readonly ok: true; readonly pattern: LinearPattern }
  | { readonly ok: false; readonly reason: string };

/**
 * Memory for one pattern's cached automaton, in bytes. The library's own bound is 8 MiB, which a tenant with
 * a few hundred patterns could fill; beyond the bound it falls back to a slower matcher, still linear.
 */
const AUTOMATON_BYTES = 131_072;

/**
 * Patterns that the engine's own matcher takes in linear time, too, and many times faster: anchored, made of plain ASCII
 * characters and classes of them, of which one may be repeated. There is one place to start and one way to go back.
 */
const PLAIN = (() => {
  const character = '[A-Za-z0-9_@:;,#%&=~!"\'<> -]';
  const one = `(?:${character}|\\[\\^?(?:[A-Za-z0-9_.@:;,#%&=~!]|[A-Z]-[A-Z]|[a-z]-[a-z]|[0-9]-[0-9])+-?\\])`;
  // Written so that it has but one way to go back itself.
  return new RegExp(`^\\^(?:${one}+(?:[?*+]|\\{[0-9]{1,3}(?:,[0-9]{0,3})?\\}))?${one}*\\$?$`);
})();

/**
 * Compiles a pattern of ECMA-262 (with the flag "u", as JSON Schema asks) for RE2, which takes linear time and so has no
 * lookaround and no backreferences. It matches anywhere in the text unless anchored, by code points.
 */
export function compilePattern(source: string): CompiledPattern {
  const translation = translatePattern(source);
  if (!translation.ok) return translation;
  try {
    const compiled = RE2JS.compile(translation.re2);
    const { dfa } = compiled.re2();
    dfa.stateBudget = AUTOMATON_BYTES;
    dfa.memBudget = AUTOMATON_BYTES;
    const native = PLAIN.test(source) ? new RegExp(source, 'u') : undefined;
    const test = native === undefined ? (text: string) => compiled.test(text) : (text: string) => native.test(text);
    return { ok: true, pattern: { size: compiled.programSize(), test } };
  } catch (error) {
    const message = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : '';
    return { ok: false, reason: `not a pattern RE2 can match in linear time (${message})` };
  }
}
