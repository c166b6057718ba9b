import { deny, type Refusal } from '../../../kernel/codes.ts';
import { disagreeingHeader } from '../../../upstream/shapes.ts';
import type { Call } from '../../call.ts';
import type { Facts } from '../../facts/facts.ts';

/**
 * The arguments against the tool's JSON Schema, and against what the request says of them beside. The detail names places,
 * never values.
 */
export function schema(call: Call, { tool }: Facts): Refusal | undefined {
  const checked = tool!.schema.validate(call.arguments);
  if (!checked.ok) {
    return deny('invalid_arguments', checked.errors.map(({ path, message }) => `${path}: ${message}`).join('; '));
  }
  if (call.paramHeaders === undefined) return undefined;
  const { handlerKind, handlerConfig } = tool!;
  const header = disagreeingHeader(handlerKind, handlerConfig, call.arguments, call.paramHeaders);
  return header === undefined ? undefined : deny('invalid_payload', `${header} does not say what the arguments do.`);
}
