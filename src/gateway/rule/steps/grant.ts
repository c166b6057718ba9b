import { deny, type Refusal } from '../../../kernel/codes.ts';
import type { Call } from '../../call.ts';
import type { Facts } from '../../facts/facts.ts';

/** Deny by default. A tool that does not exist and one that was not granted are refused alike. */
export function grant(call: Call, facts: Facts): Refusal | undefined {
  if (facts.tool === undefined || facts.grant === undefined) return deny('not_granted');
  if (facts.tool.connector?.revoked) return deny('not_granted', "The tool's connector has been revoked.");
  if (facts.tool.quarantined) {
    // Of an approval this code says so in another step; here nobody may call the tool, with one or without.
    return {
      ...deny(
        'definition_drift',
        'The MCP server has changed what it says of this tool. Nobody can call it until an admin has accepted that.',
      ),
      step: 'grant',
    };
  }
  // What such a client asks for anew is drafted; an approval from before it was one makes nothing run.
  return isDrafted(facts) && call.approvalId !== undefined ? deny('draft_only') : undefined;
}

/** Whether a call under these facts is stored for a member to publish, instead of being made. */
export function isDrafted({ client, tool }: Facts): boolean {
  return client?.draftOnly === true && tool !== undefined && !['read', 'draft'].includes(tool.effect);
}
