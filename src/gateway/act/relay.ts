import { sha256Hex } from '../../kernel/hash.ts';
import { readJson } from '../../kernel/json-text.ts';
import { isJsonObject } from '../../kernel/strict-json.ts';
import { auditAll } from '../../ledger/audit.ts';
import type { CallerInput, InputAnswer, Relay } from '../../upstream/outcome.ts';
import type { Call } from '../call.ts';
import type { Deps } from '../deps.ts';
import type { Facts } from '../facts/facts.ts';
import type { Go } from '../rule/ruling.ts';

/**
 * The way back to the caller for what an upstream asks in the middle of a call, or none. What the caller says goes out
 * with the call and is in no bytes that people have seen, so a call that people approve is made without it.
 */
export function relayOf(
  { store, log }: Pick<Deps, 'store' | 'log'>,
  call: Call,
  facts: Facts,
  go: Go,
  input: CallerInput,
): Relay | undefined {
  if (go.policy !== 'auto' || go.approvalId !== undefined) return undefined;
  const { ip, requestId, traceId } = call;
  const { kind, id } = facts.principal;
  const actor = { kind, id, ip, requestId, traceId };
  return {
    ...input,
    async record(given) {
      const events = given.map((one) => ({ ...entryOf(facts.tool!.name, one), ...about(go), actor }));
      try {
        await store.withTenant(facts.tenantId, (tx) => auditAll(tx, events));
        return true;
      } catch (fault) {
        log.error({ executionId: go.executionId, err: fault }, 'what a caller said could not be recorded');
        return false;
      }
    },
  };
}

const about = ({ executionId }: Go) => ({ resource: { kind: 'execution', id: executionId } });

/** The hash of what was said, never the text: it may be of a person, and is the upstream's to keep. */
function entryOf(tool: string, { method, answer }: InputAnswer) {
  const value = readJson(answer);
  const action = isJsonObject(value) && typeof value.action === 'string' ? value.action.slice(0, 40) : undefined;
  return {
    event_type: 'execution.input_given',
    outcome: 'given',
    data: { tool, method, answer_sha256: sha256Hex(answer), ...(action !== undefined && { action }) },
  } as const;
}
