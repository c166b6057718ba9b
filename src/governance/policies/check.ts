import type { CheckRules } from '../../registry/grants/rules.ts';
import { compileRules } from './compile.ts';

/** What is wrong with rules for a tool with this schema; empty where nothing is. */
export const checkRules: CheckRules = (rules, toolSchema) => {
  const made = compileRules(rules, toolSchema);
  return made.ok ? [] : made.errors;
};
