import type { Effect, Policy, Refusal } from '../kernel/codes.ts';
import type { Id } from '../kernel/ids.ts';
import type { CompiledSchema } from '../kernel/json-schema.ts';

import type { JsonObject } from '../kernel/strict-json.ts';
import type { Take } from '../limits/rate-limiter.ts';
import type { HandlerKind, KillScope, PrincipalKind } from '../store/tables.ts';

/** How the caller shows who it is. The workspace always comes from here, never from a body. */
export type Credential =
  /** A bearer token as presented, hashed. Null when what was presented cannot be a token. */
  | { readonly kind: 'token'; readonly sha256: string | null }
  /** The client that asked for an approval, when the gateway executes it after the decision. */
  | { readonly kind: 'client'; readonly tenantId: string; readonly clientId: string; readonly tokenId: string | null }
  /** A signed-in member, whose membership and role the API has checked. */
  | { readonly kind: 'member'; readonly tenantId: string; readonly userId: string };

/** One request to dispatch, whatever door it came through. */
export type Call = {
  readonly executionId: string;
  readonly credential: Credential;
  readonly ip?: string;
  /** The request it came in by, and the trace that request is part of (W3C Trace Context). */
  readonly requestId?: string;
  readonly traceId?: string;
  /** Set when the wire bytes were not acceptable; nothing else of the payload is then trusted. */
  readonly unreadable?: string;
  readonly toolName: string;
  /** The canonical bytes, which are hashed, approved, recorded and sent, and what they say. */
  readonly arguments: JsonObject;
  readonly argumentsCanonical: Uint8Array;
  readonly approvalId?: string;
  readonly executeOnApproval: boolean;
  readonly idempotencyKey?: string;
  /** SHA-256 over what the request asks for; kept with the idempotency key. */
  readonly requestSha256?: string;
};

/** A tool's input schema, ready to hold arguments against. */
export type ArgumentsSchema = Pick<Extract<CompiledSchema, { ok: true }>, 'validate'>;

export type Tool = {
  readonly id: string;
  readonly name: string;
  readonly effect: Effect;
  readonly handlerKind: HandlerKind;
  readonly handlerConfig: unknown;
  readonly definitionSha256: string;
  readonly connector: { readonly kind: string; readonly config: unknown; readonly revoked: boolean } | null;
  readonly schema: ArgumentsSchema;
};

/** Everything a decision rests on, read in one query, with the version that recording it re-checks. */
export type Facts = {
  readonly tenantId: string;
  /** The workspace's id as it appears on the wire. */
  readonly orgId: Id<'org'>;
  readonly version: number;
  readonly approvalTtlSeconds: number;
  readonly principal: { readonly kind: PrincipalKind; readonly id: string };
  readonly token?: {
    readonly id: string;
    readonly revoked: boolean;
    readonly expiresAt: Date | null;
    readonly expired: boolean;
  };
  readonly client?: { readonly revoked: boolean; readonly draftOnly: boolean; readonly rpmLimit: number };
  /** The people behind a client's credential: its owner, and who created the token. */
  readonly credentialUserIds: readonly string[];
  readonly switchesOn: readonly { readonly scope: KillScope; readonly targetId: string }[];
  readonly grant?: {
    readonly policy: Policy;
    readonly approverUserIds: readonly string[];
    readonly updatedBy: string;
    /** Absent for members, whose role is their grant. */
    readonly createdAt?: Date;
  };
  readonly tool?: Tool;
};

/** What a step says. Undefined lets the call go on to the next step. */
export type StepAnswer = Refusal | Hold | undefined;

/** The call waits for people. */
export type Hold = { readonly kind: 'hold'; readonly policy: Exclude<Policy, 'auto'> };

/** The call may run; with `approvalId`, by consuming that approval for that earlier execution. */
export type Go = {
  readonly kind: 'go';
  readonly executionId: string;
  readonly approvalId?: string;
  readonly payloadSha256: string;
};

/** What a governed call comes to. `api/` turns it into HTTP. Results and errors are JSON text, as they are recorded. */
export type Answer =
  | { readonly kind: 'executed'; readonly executionId: string; readonly result: string }
  | { readonly kind: 'failed'; readonly executionId: string; readonly error: string }
  | {
      readonly kind: 'pending';
      readonly executionId: string;
      readonly approvalId: string;
      readonly payloadSha256: string;
      readonly policy: string;
      readonly expiresAt: Date;
    }
  | (Refusal & { readonly executionId?: string; readonly approvalId?: string });

/** What the steps learn on the way and later steps or the answer need. */
export type Progress = { rate?: Take; tenantId?: string };
