import type { ColumnType, Generated, JSONColumnType } from 'kysely';
import type { Effect, Policy } from '../kernel/codes.ts';
import type { Via } from '../kernel/doors.ts';
import type {
  ApprovalStatus,
  ClientStatus,
  ConnectorStatus,
  DraftStatus,
  ExecutionStatus,
  ToolStatus,
} from '../kernel/statuses.ts';
import type { NotifyTables } from './tables-notify.ts';

/** Rows as they are in PostgreSQL. A test holds these against the catalogue, column by column. */
type Json = JSONColumnType<object, string, string>;
type GeneratedList = ColumnType<readonly object[], string | undefined, string>;
type At = Generated<Date>;

export type Role = 'owner' | 'admin' | 'member' | 'viewer';
export type PrincipalKind = 'member' | 'client' | 'agent' | 'visitor' | 'system';
export type { ApprovalStatus, ExecutionStatus };
export type KillScope = 'workspace' | 'tool' | 'agent' | 'client';

export type Tables = NotifyTables & {
  auth_users: {
    id: string;
    name: string;
    email: string;
    emailVerified: Generated<boolean>;
    image: string | null;
    createdAt: At;
    updatedAt: At;
    /** Somebody else knows the password: until it is changed, nothing but `password_known_in` can be reached with it. */
    must_change_password: Generated<boolean>;
    password_known_in: string | null;
  };
  auth_sessions: {
    id: string;
    expiresAt: Date;
    token: string;
    createdAt: At;
    updatedAt: At;
    ipAddress: string | null;
    userAgent: string | null;
    userId: string;
  };
  auth_accounts: {
    id: string;
    accountId: string;
    providerId: string;
    userId: string;
    accessToken: string | null;
    refreshToken: string | null;
    idToken: string | null;
    accessTokenExpiresAt: Date | null;
    refreshTokenExpiresAt: Date | null;
    scope: string | null;
    password: string | null;
    createdAt: At;
    updatedAt: At;
  };
  auth_verifications: {
    id: string;
    identifier: string;
    value: string;
    expiresAt: Date;
    createdAt: At;
    updatedAt: At;
  };
  installation: {
    one: Generated<boolean>;
    key_fingerprint: string;
    created_at: At;
  };
  workspaces: {
    tenant_id: string;
    slug: string;
    name: string;
    approval_ttl_seconds: Generated<number>;
    facts_version: Generated<string>;
    created_at: At;
  };
  workspace_members: {
    tenant_id: string;
    user_id: string;
    role: Role;
    created_at: At;
    last_used_at: Date | null;
  };
  invitations: {
    tenant_id: string;
    id: string;
    email: string;
    role: Exclude<Role, 'owner'>;
    token_sha256: string;
    invited_by: string;
    created_at: At;
    expires_at: Date;
    accepted_at: Date | null;
    accepted_by: string | null;
    revoked_at: Date | null;
  };
  integration_clients: {
    tenant_id: string;
    id: string;
    name: string;
    description: Generated<string>;
    draft_only: Generated<boolean>;
    rpm_limit: Generated<number>;
    trusted_run_ids: Generated<boolean>;
    owner_user_id: string;
    status: Generated<ClientStatus>;
    version: Generated<number>;
    created_at: At;
    updated_at: At;
    revoked_at: Date | null;
  };
  client_tokens: {
    tenant_id: string;
    id: string;
    client_id: string;
    name: string;
    prefix: string;
    token_sha256: string;
    created_by: string;
    created_at: At;
    expires_at: Date | null;
    revoked_at: Date | null;
    rotated_to: string | null;
    last_used_at: Date | null;
  };
  connectors: {
    tenant_id: string;
    id: string;
    name: string;
    kind: string;
    config: Json;
    status: Generated<ConnectorStatus>;
    version: Generated<number>;
    created_by: string;
    created_at: At;
    updated_at: At;
  };
  tools: {
    tenant_id: string;
    id: string;
    name: string;
    description: Generated<string>;
    effect: Effect;
    input_schema: Json;
    connector_id: string | null;
    handler_kind: string;
    handler_config: Json;
    definition_sha256: string;
    status: Generated<ToolStatus>;
    quarantined_at: Date | null;
    labels: Generated<string[]>;
    version: Generated<number>;
    created_at: At;
    updated_at: At;
  };
  mcp_definitions: {
    tenant_id: string;
    tool_id: string;
    list: 'tools' | 'prompts' | 'resources';
    remote_name: string;
    definition: Json;
    pin: string;
    seen: Json | null;
    seen_pin: string | null;
    seen_at: Date | null;
  };
  grants: {
    tenant_id: string;
    id: string;
    client_id: string;
    tool_id: string;
    policy: Policy;
    approver_user_ids: Generated<string[]>;
    /** `GrantRule`s (registry/grants/rules.ts), in their order. */
    rules: GeneratedList;
    justification_required: Generated<boolean>;
    version: Generated<number>;
    updated_by: string;
    created_at: At;
    updated_at: At;
  };
  kill_switches: {
    tenant_id: string;
    id: string;
    scope: KillScope;
    target_id: Generated<string>;
    reason: string;
    flipped_by: string;
    flipped_at: At;
    lifted_by: string | null;
    lifted_at: Date | null;
    lift_reason: string | null;
    glass_until: Date | null;
    glass_by: string | null;
    glass_reason: string | null;
  };
  secrets: {
    tenant_id: string;
    id: string;
    name: string;
    client_id: string | null;
    hosts: string[];
    version: Generated<number>;
    created_at: At;
    updated_at: At;
    last_used_at: Date | null;
  };
  secret_versions: {
    tenant_id: string;
    secret_id: string;
    number: number;
    sealed: string;
    written_by: string;
    created_at: At;
  };
  connector_authorizations: {
    tenant_id: string;
    connector_id: string;
    number: number;
    sealed: string;
    host: string;
    binding: string;
    scopes: string[];
    renewable: boolean;
    expires_at: Date | null;
    renew_at: Date | null;
    renewing_until: Date | null;
    renewed_at: Date;
    authorized_by: string;
    authorized_at: Date;
    ended: string | null;
  };
  authorization_requests: {
    tenant_id: string;
    connector_id: string;
    session_id: string;
    state_sha256: string;
    sealed: string;
    binding: string;
    redirect_uri: string;
    scopes: string[];
    expires_at: Date;
  };
  agent_execution_logs: {
    tenant_id: string;
    id: string;
    status: ExecutionStatus;
    principal_kind: PrincipalKind;
    principal_id: string;
    token_id: string | null;
    tool_id: string | null;
    tool_name: string;
    effect: Effect | null;
    policy: Policy | null;
    payload_sha256: string | null;
    step: string | null;
    code: string | null;
    detail: string | null;
    approval_id: string | null;
    via: Via;
    request_id: string | null;
    run_id: string | null;
    on_behalf_of: string | null;
    created_at: At;
    started_at: Date | null;
    deadline_at: Date | null;
    finished_at: Date | null;
    /** What went out and what came back, as JSON text. */
    arguments: string | null;
    result: string | null;
    error: string | null;
  };
  run_labels: {
    tenant_id: string;
    principal_id: string;
    run: string;
    labels: string[];
    labelled_at: Date;
  };
  idempotency_keys: {
    tenant_id: string;
    principal_id: string;
    key: string;
    execution_id: string;
    request_sha256: string;
    created_at: At;
  };
  approvals: {
    tenant_id: string;
    id: string;
    execution_id: string;
    status: Generated<ApprovalStatus>;
    policy: Exclude<Policy, 'auto'>;
    policy_rule: string | null;
    policy_fault: string | null;
    justification: string | null;
    envelope: string;
    payload_sha256: string;
    definition_sha256: string;
    tool_id: string;
    tool_name: string;
    effect: Effect;
    principal_kind: PrincipalKind;
    principal_id: string;
    requester_user_ids: string[];
    summary: Generated<string>;
    /** A `Subject` (kernel/call-summary.ts) as JSON text. */
    subject: string | null;
    suspicious: Generated<boolean>;
    run_labels: string[] | null;
    execute_on_approval: Generated<boolean>;
    created_at: At;
    expires_at: Date;
    decided_at: Date | null;
    attempted_at: Date | null;
    consumed_at: Date | null;
    next_notice_at: At;
  };
  drafts: {
    tenant_id: string;
    id: string;
    status: Generated<DraftStatus>;
    version: Generated<number>;
    client_id: string;
    tool_id: string;
    tool_name: string;
    effect: Effect;
    /** As JSON text. */
    arguments: string;
    summary: string;
    /** A `Subject` (kernel/call-summary.ts) as JSON text. */
    subject: string | null;
    suspicious: boolean;
    justification: string | null;
    run_id: string | null;
    on_behalf_of: string | null;
    run_labels: string[];
    token_id: string | null;
    via: Via;
    request_id: string | null;
    created_at: At;
    edited_by: string | null;
    edited_at: Date | null;
    ended_by: string | null;
    ended_at: Date | null;
    end_reason: string | null;
    execution_id: string | null;
  };
  approval_decisions: {
    tenant_id: string;
    id: string;
    approval_id: string;
    user_id: string;
    decision: 'granted' | 'denied';
    reason: string | null;
    payload_sha256: string;
    created_at: At;
  };
  audit_pending: {
    tenant_id: string;
    id: Generated<string>;
    at: Date;
    event_type: string;
    actor_kind: string;
    actor_id: string;
    resource_kind: string;
    resource_id: string;
    outcome: string;
    entry: string;
  };
  /** One flush of the gateway a row. Only the database's own functions take it apart. */
  gateway_queue: {
    id: Generated<string>;
    recorded_at: Date;
    size: number;
    bytes: number;
    common: string;
    events: string;
  };
  audit_log: {
    tenant_id: string;
    seq: string;
    prev_hash: Buffer;
    hash: Buffer;
    at: Date;
    event_type: string;
    actor_kind: string;
    actor_id: string;
    resource_kind: string;
    resource_id: string;
    outcome: string;
    entry: string;
  };
};
