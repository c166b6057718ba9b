import type { RefusalLedger } from '../../ledger/refusals.ts';
import type { NotAdmitted } from '../admit/admit.ts';
import type { Call, Caller, Denied } from '../call.ts';
import type { Facts } from '../facts/facts.ts';

type Whose = Pick<Facts, 'tenantId' | 'principal'>;

/**
 * Counts a refusal that is not written down as a call of its own: the first few of a caller and code have an entry each,
 * the rest of a minute one together. A refusal of nobody known has none. Gives the refusal back as the answer.
 */
export async function countedOut(
  refusals: RefusalLedger,
  call: Call,
  { kind, step, code, detail, retryAfterSeconds, ...more }: Denied & Pick<NotAdmitted, 'caller'>,
  of?: Whose,
): Promise<Denied> {
  const { caller } = more;
  const whose = of ?? (caller && whoseOf(caller));
  if (whose !== undefined) {
    const { tenantId, principal } = whose;
    await refusals.note({
      tenantId,
      key: `${principal.id} ${code}`,
      actor: { kind: principal.kind, id: principal.id, ...(call.ip !== undefined && { ip: call.ip }) },
      event: {
        event_type: 'execution.denied',
        // There is no call to speak of, so the entry is about whoever asks too often.
        resource: { kind: principal.kind, id: principal.id },
        outcome: 'denied',
        data: { step, code, via: call.via },
      },
    });
  }
  const { approvalId, approverReason, remedy } = more as Denied;
  return {
    kind,
    step,
    code,
    detail,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    ...(approvalId !== undefined && { approvalId }),
    ...(approverReason !== undefined && { approverReason }),
    ...(remedy !== undefined && { remedy }),
  };
}

function whoseOf(caller: Caller): Whose {
  return caller.kind === 'client'
    ? { tenantId: caller.tenantId, principal: { kind: 'client', id: caller.clientId } }
    : { tenantId: caller.tenantId, principal: { kind: 'member', id: caller.userId } };
}
