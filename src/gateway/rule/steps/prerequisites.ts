import { fulfils } from '../../../governance/policies/evaluate.ts';
import { readyRules } from '../../../governance/policies/kept.ts';
import { deny } from '../../../kernel/codes.ts';
import { readJson } from '../../../kernel/json-text.ts';
import type { JsonValue } from '../../../kernel/strict-json.ts';
import type { Call } from '../../call.ts';
import type { Facts } from '../../facts/facts.ts';
import type { Draft, StepAnswer } from '../ruling.ts';

/**
 * The earlier calls that the rules which apply require: executed ones of the same run whose results match these arguments.
 * What has been executed stays so, so that nothing has to be looked at again when the ruling is recorded.
 */
export function prerequisites(call: Call, facts: Facts, draft: Draft): StepAnswer {
  if (draft.requires.length === 0) return undefined;
  const compiled = readyRules(facts.grant!.rules!, facts.tool!.schema.shape);
  const parsed = new Map<string, readonly JsonValue[]>();
  const resultsOf = (tool: string): readonly JsonValue[] => {
    let results = parsed.get(tool);
    if (results === undefined) {
      results = (facts.earlier?.get(tool) ?? []).map((text) => readJson(text) as JsonValue);
      parsed.set(tool, results);
    }
    return results;
  };
  const missing = draft.requires.filter(
    (one) => !resultsOf(one.tool).some((result) => fulfils(one, compiled, result, call.arguments)),
  );
  if (missing.length === 0) return undefined;
  const tools = [...new Set(missing.map(({ tool }) => tool))];
  const named = missing.map(({ tool, source }) => `${tool}, with a result for which ${source}`).join('; ');
  return {
    ...deny(
      'prerequisite_missing',
      `Before ${facts.tool!.name}, these must have been executed in the same run: ${named}. Make that call, then this one.`,
    ),
    remedy: { missing: tools },
  };
}
