import type { Call, Facts, Hold } from '../call.ts';

/** Whether the call must wait for people. One that names an approval is checked against it when it is consumed. */
export function approval(call: Call, facts: Facts): Hold | undefined {
  const { policy } = facts.grant!;
  if (policy === 'auto' || call.approvalId !== undefined) return undefined;
  return { kind: 'hold', policy };
}
