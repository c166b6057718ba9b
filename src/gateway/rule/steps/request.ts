import { deny } from '../../../kernel/codes.ts';
import { prepare } from '../../../upstream/prepare.ts';
import type { Call } from '../../call.ts';
import type { Facts } from '../../facts/facts.ts';
import { requestOf } from '../request-of.ts';
import type { StepAnswer } from '../ruling.ts';

/** Whether the request can be made at all: what could never be sent is neither put to people nor begun. */
export function request(call: Call, facts: Facts): StepAnswer {
  const prepared = prepare(requestOf(call, facts), facts.egress);
  return prepared.kind === 'refused' ? deny(prepared.code, prepared.detail) : undefined;
}
