import { deny, type Refusal } from '../../../kernel/codes.ts';
import type { Call } from '../../call.ts';
import type { Facts } from '../../facts/facts.ts';

/** The arguments against the tool's JSON Schema. The detail names places, never values. */
export function schema(call: Call, facts: Facts): Refusal | undefined {
  const checked = facts.tool!.schema.validate(call.arguments);
  if (checked.ok) return undefined;
  return deny('invalid_arguments', checked.errors.map(({ path, message }) => `${path}: ${message}`).join('; '));
}
