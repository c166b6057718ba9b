import type { SwitchOn } from '../../governance/kill-switches/decide.ts';
import type { KeptRules } from '../../governance/policies/kept.ts';
import type { Effect, Policy } from '../../kernel/codes.ts';
import type { Id } from '../../kernel/ids.ts';
import type { CompiledSchema } from '../../kernel/json-schema.ts';
import type { ApprovalStatus, PrincipalKind } from '../../store/tables.ts';

/** A tool's input schema, ready to hold arguments against, and what it marks for the people who approve. */
export type ArgumentsSchema = Pick<Extract<CompiledSchema, { ok: true }>, 'validate' | 'annotations' | 'shape'>;

export type Tool = {
  readonly id: string;
  readonly name: string;
  readonly effect: Effect;
  readonly handlerKind: string;
  readonly handlerConfig: unknown;
  readonly definitionSha256: string;
  /** The server that has it says of it what nobody has accepted. */
  readonly quarantined: boolean;
  /** What its results put on the run that reads them. */
  readonly labels: readonly string[];
  readonly connector: {
    readonly id: string;
    readonly kind: string;
    readonly config: unknown;
    readonly revoked: boolean;
  } | null;
  readonly schema: ArgumentsSchema;
};

/** What a call may be made under. Of a member it follows from the role. */
export type Grant = {
  /** What applies unless a rule raises it. */
  readonly basePolicy: Policy;
  readonly approverUserIds: readonly string[];
  /** What raises it. */
  readonly rules?: KeptRules;
  /** Whether a call has to say why it is made. */
  readonly justificationRequired: boolean;
  readonly updatedBy: string;
  /** Whether its rules look at the labels of the run. */
  readonly readsLabels?: boolean;
  /** The tools that its rules may require to have been called before, in the same run. */
  readonly requiredTools?: readonly string[];
  /** Absent for members, whose role is their grant. */
  readonly createdAt?: Date;
};

/** An approval that a call names, as it is now. Only its own principal's is ever found. */
export type ApprovalFacts = {
  readonly id: string;
  readonly status: ApprovalStatus;
  readonly isOver: boolean;
  readonly executionId: string;
  readonly payloadSha256: string;
  readonly definitionSha256: string;
  /** Why the call is made, as it said when it was held. */
  readonly justification: string | null;
  readonly createdAt: Date;
  /** The run of the held call, and whom it was made for. */
  readonly runId?: string;
  readonly onBehalfOf?: string;
  /** The labels that were on the run when the call was held; undefined where no rule looked at them. */
  readonly runLabels?: readonly string[];
  /** Why it ended, where people or the gateway said so. */
  readonly deniedReason: string | null;
  readonly endedDetail: string | null;
};

/** Everything a ruling rests on, with the version that recording it re-checks. */
export type Facts = {
  readonly tenantId: string;
  /** The workspace's id as it appears on the wire. */
  readonly orgId: Id<'org'>;
  readonly version: number;
  /** When they were read, by the process's monotonic clock. */
  readonly readMs: number;
  readonly approvalTtlSeconds: number;
  readonly principal: { readonly kind: PrincipalKind; readonly id: string };
  readonly token?: {
    readonly id: string;
    readonly revoked: boolean;
    readonly expiresAt: Date | null;
    readonly expired: boolean;
  };
  readonly client?: {
    readonly revoked: boolean;
    readonly draftOnly: boolean;
    readonly rpmLimit: number;
    /** The ids of its runs come from its application, and not from its model. */
    readonly trustedRunIds: boolean;
  };
  /** The people behind a client's credential: its owner, and who created the token. */
  readonly credentialUserIds: readonly string[];
  readonly switchesOn: readonly SwitchOn[];
  /** Of a call that publishes a draft: whose it was, and as what it was drafted. */
  readonly drafted?: {
    readonly clientId: string;
    readonly tokenId: string | null;
    readonly runLabels: readonly string[];
    readonly editedBy: readonly string[];
  };
  readonly grant?: Grant;
  readonly tool?: Tool;
  /** Of a call that names one; null when there is none of that id and principal. */
  readonly approval?: ApprovalFacts | null;
  /** The labels on the run, where the grant's rules look at them. A ruling on them is recorded only while they stand. */
  readonly runLabels?: readonly string[];
  /** What the earlier calls of the run came to that the grant's rules may require, by tool, newest first, as JSON text. */
  readonly earlier?: ReadonlyMap<string, readonly string[]>;
  /** Of a call with an Idempotency-Key: the call that has this key already, or null; left out where nobody looked. */
  readonly earlierExecutionId?: string | null;
};
