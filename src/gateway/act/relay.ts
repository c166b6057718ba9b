import { createHmac } from 'node:crypto';
import { sql } from 'kysely';
import { readJson } from '../../kernel/json-text.ts';
import { isJsonObject } from '../../kernel/strict-json.ts';
import { auditAll } from '../../ledger/audit.ts';
import type { TenantTx } from '../../store/store.ts';
import type { CallerInput, InputAnswer, Relay } from '../../upstream/outcome.ts';
import type { Call } from '../call.ts';
import type { Deps } from '../deps.ts';
import type { Facts } from '../facts/facts.ts';
import { groundsOf } from '../record/every-write.ts';
import type { Go } from '../rule/ruling.ts';

/**
 * The way back to the caller for what an upstream asks in the middle of a call, or none. What the caller says goes out
 * with the call and is in no bytes that people have seen, so a call that people approve is made without it.
 */
export function relayOf(
  { store, log, stateKey }: Pick<Deps, 'store' | 'log' | 'stateKey'>,
  call: Call,
  facts: Facts,
  go: Go,
  input: CallerInput,
): Relay | undefined {
  if (go.policy !== 'auto' || go.approvalId !== undefined) return undefined;
  const { ip, requestId, traceId } = call;
  const { kind, id } = facts.principal;
  const actor = { kind, id, ip, requestId, traceId };
  const tool = facts.tool!.name;
  const macOf = (answer: string): string => {
    const of = JSON.stringify(['input given', facts.tenantId, go.executionId, answer]);
    return createHmac('sha256', stateKey).update(of).digest('hex');
  };
  return {
    ...input,
    tool,
    async record(given) {
      const events = given.map((one) => ({ ...entryOf(tool, one, macOf(one.answer)), ...about(go), actor }));
      try {
        return await store.withTenant(facts.tenantId, async (tx) => {
          if (!(await stillStands(tx, call, facts))) return false;
          await auditAll(tx, events);
          return true;
        });
      } catch (fault) {
        log.error({ executionId: go.executionId, err: fault }, 'what a caller said could not be recorded');
        return false;
      }
    },
  };
}

const about = ({ executionId }: Go) => ({ resource: { kind: 'execution', id: executionId } });

/**
 * Whether what the call was ruled on is as it was: people may take minutes to answer, in which a switch is flipped or a
 * token ends. It stays so until the transaction ends.
 */
async function stillStands({ db, tenantId }: TenantTx, call: Call, facts: Facts): Promise<boolean> {
  const { version, not_after } = groundsOf(call, facts);
  await sql`select pg_advisory_xact_lock_shared(facts_lock(${tenantId}::uuid))`.execute(db);
  const { rows } = await sql`select 1 from workspaces where tenant_id = ${tenantId} and facts_version = ${version}
    and coalesce(clock_timestamp() < ${not_after}::timestamptz, true)`.execute(db);
  return rows.length === 1;
}

/**
 * A keyed hash of what was said, never the text: it may be of a person, and is the upstream's to keep. Without the key,
 * what people type is guessed from its hash.
 */
function entryOf(tool: string, { method, answer }: InputAnswer, mac: string) {
  const value = readJson(answer);
  const action = isJsonObject(value) && typeof value.action === 'string' ? value.action.slice(0, 40) : undefined;
  return {
    event_type: 'execution.input_given',
    outcome: 'given',
    data: { tool, method, answer_hmac: mac, ...(action !== undefined && { action }) },
  } as const;
}
