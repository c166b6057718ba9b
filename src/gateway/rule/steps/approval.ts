import { deny } from '../../../kernel/codes.ts';
import type { Call, Denied } from '../../call.ts';
import type { ApprovalFacts, Facts } from '../../facts/facts.ts';
import { envelopeOf } from '../envelope-of.ts';
import type { Draft, StepAnswer } from '../ruling.ts';

/**
 * Holds a call that names an approval against it: its state and time to live, the tool's definition, and the hash over
 * exactly what would be sent now. Using it checks state, time and hash once more, in the statement that records the
 * intent. A call that names none waits where its policy says so, which is no refusal.
 */
export function approval(call: Call, facts: Facts, draft: Draft): StepAnswer {
  if (call.approvalId === undefined) return undefined;
  const named = facts.approval;
  if (!named) return deny('approval_not_found');
  const refused = refuseApproval(named) ?? refuseDrift(call, facts, draft, named);
  return refused && { ...refused, approvalId: named.id };
}

/** Why an approval in this state cannot be used, with what people said about it and what to do. */
export function refuseApproval(named: ApprovalFacts): Denied | undefined {
  switch (named.status) {
    case 'denied':
      return {
        ...deny(
          'approval_denied',
          'A person denied the approval. Read their reason, and change the call before you ask again.',
        ),
        ...(named.deniedReason !== null && { approverReason: named.deniedReason }),
      };
    case 'cancelled':
      return deny('approval_cancelled', named.endedDetail ?? undefined);
    case 'consumed':
      return deny(
        'approval_consumed',
        `The approval has been used. Read what came of it at /v1/executions/${named.executionId}.`,
      );
    case 'expired':
      return deny('approval_expired');
    case 'superseded':
      return deny('approval_hash_mismatch', 'The payload was edited after the approval was requested.');
  }
  if (named.isOver) return deny('approval_expired');
  return named.status === 'pending' ? deny('approval_pending') : undefined;
}

function refuseDrift(call: Call, facts: Facts, draft: Draft, named: ApprovalFacts): Denied | undefined {
  if (named.definitionSha256 !== facts.tool!.definitionSha256) return deny('definition_drift');
  // A grant that was taken back stays taken back for what waited under it, also when it is given anew.
  if (facts.grant!.createdAt !== undefined && facts.grant!.createdAt > named.createdAt) {
    return deny('definition_drift', 'The grant was made anew after the approval was requested. Call again.');
  }
  const { payloadSha256 } = envelopeOf(call, facts, draft, named.executionId);
  return payloadSha256 === named.payloadSha256 ? undefined : deny('approval_hash_mismatch');
}
