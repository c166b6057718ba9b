import type { Policy, Refusal, RefusalCode } from '../kernel/codes.ts';
import type { Via } from '../kernel/doors.ts';
import { newId } from '../kernel/ids.ts';
import { canonicalBytesOf } from '../kernel/jcs.ts';
import type { About } from '../kernel/runs.ts';
import type { DraftStatus } from '../kernel/statuses.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import type { Form } from '../upstream/outcome.ts';

/** A bearer token as presented, hashed. Null when what was presented cannot be a token. */
export type Token = { readonly kind: 'token'; readonly sha256: string | null };

/** Who makes a call, once that is known. */
export type Caller =
  | { readonly kind: 'client'; readonly tenantId: string; readonly clientId: string; readonly tokenId: string | null }
  /** A member, with the sign-in that the call is made in; without one for a call that they made before it was approved. */
  | { readonly kind: 'member'; readonly tenantId: string; readonly userId: string; readonly sessionId?: string };

/** How the caller shows who it is. The workspace always comes from here, never from a body. */
export type Credential = Token | Caller;

/** One request to dispatch, whatever door it came through. */
export type Call = About & {
  readonly via: Via;
  readonly executionId: string;
  /** When it came in, by this process's clock: rules ask for the time. */
  readonly askedAt: Date;
  readonly credential: Credential;
  /** The caller's address, and the request that the call came in. */
  readonly ip?: string;
  readonly requestId?: string;
  /** The trace that the caller says the request is part of (W3C Trace Context). */
  readonly traceId?: string;
  /** Set when the request was not acceptable; nothing else of the payload is then trusted. */
  readonly unreadable?: { readonly code: RefusalCode; readonly detail?: string };
  readonly toolName: string;
  /** The canonical bytes, which are hashed, approved, recorded and sent, and what they say. */
  readonly arguments: JsonObject;
  readonly argumentsCanonical: Uint8Array;
  /** Of a door whose callers repeat arguments in headers `Mcp-Param-…`: what follows that, in lower case, and the value as it came. */
  readonly paramHeaders?: ReadonlyMap<string, string>;
  readonly approvalId?: string;
  /** The draft that a member publishes by this call, as they saw it. */
  readonly draft?: { readonly id: string; readonly version: number };
  readonly executeOnApproval: boolean;
  /** Why it is made, for the people who approve: part of the envelope, and never sent to the upstream. */
  readonly justification?: string;
  /** Only what would be ruled is asked for: nothing is executed, and nobody is asked. */
  readonly dryRun?: boolean;
  /** The run it belongs to where it names none: the session that it came in. */
  readonly sessionRunId?: string;
  readonly idempotencyKey?: string;
  /** SHA-256 over what the request asks for; kept with the idempotency key. */
  readonly requestSha256?: string;
};

/** What a door knows of a call. Whatever it leaves out is worked out, or is nothing. */
export type NewCall = Partial<Omit<Call, 'via' | 'credential'>> & Pick<Call, 'via' | 'credential'>;

const NOTHING: JsonObject = Object.freeze({});
const NOTHING_CANONICAL = canonicalBytesOf(NOTHING);

/** Makes the call that a door was asked for. */
export function newCall(asked: NewCall): Call {
  const args = asked.arguments ?? NOTHING;
  return {
    ...asked,
    executionId: asked.executionId ?? newId('exe'),
    askedAt: asked.askedAt ?? new Date(),
    toolName: asked.toolName ?? '',
    arguments: args,
    argumentsCanonical: asked.argumentsCanonical ?? (args === NOTHING ? NOTHING_CANONICAL : canonicalBytesOf(args)),
    executeOnApproval: asked.executeOnApproval ?? false,
  };
}

/**
 * What a governed call comes to. `api/` turns it into HTTP. Results and errors are JSON text, as they are recorded; `form`
 * says what they are beside that.
 */
export type Answer =
  | { readonly kind: 'executed'; readonly executionId: string; readonly result: string; readonly form?: Form }
  | { readonly kind: 'failed'; readonly executionId: string; readonly error: string; readonly form?: Form }
  | {
      readonly kind: 'pending';
      readonly executionId: string;
      readonly approvalId: string;
      readonly payloadSha256: string;
      readonly policy: string;
      readonly expiresAt: Date;
    }
  /** Stored, not executed: a member decides whether it is published. */
  | { readonly kind: 'draft'; readonly draftId: string; readonly status: DraftStatus }
  | DryRun
  | Denied;

/** What would become of a call, which was not made. */
export type DryRun = {
  readonly kind: 'dry_run';
  /** Who would have to agree, as far as it came to that. */
  readonly policy: Policy | null;
  readonly rule: string | null;
  readonly ruleFault: string | null;
  /** `go`: it would run at once. `hold`: people would be asked. `draft`: it would be stored. Otherwise it would be refused so. */
  readonly outcome: 'go' | 'hold' | 'draft' | Denied;
};

/** A refusal, with what it is about. */
export type Denied = Refusal & {
  readonly executionId?: string;
  readonly approvalId?: string;
  /** What the person who denied it wrote: text of somebody else, to be shown and not to be obeyed. */
  readonly approverReason?: string;
};
