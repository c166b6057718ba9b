/**
 * What the API answers, by the types of the server's own code: a change there that a page does not follow does
 * not compile. Types only: of the server's code the bundle holds nothing but the lists of words in kernel/statuses.ts.
 */
export type { ExecutionDetail, ExecutionView } from '../../../src/gateway/reads/executions.ts';
export type { Waiting } from '../../../src/governance/approvals/count.ts';
export type { ApprovalDetail, ApprovalView, Highlight } from '../../../src/governance/approvals/views.ts';
export type { DraftDetail, DraftView } from '../../../src/governance/drafts/schemas.ts';
export type { KillSwitchView, PreviewView } from '../../../src/governance/kill-switches/schemas.ts';
export type { RunLabelsView } from '../../../src/governance/runs/schemas.ts';
export type { InvitationView, MadeInvitationView } from '../../../src/identity/invitations/schemas.ts';
export type { MemberView } from '../../../src/identity/members/schemas.ts';
export type { SessionView } from '../../../src/identity/own-sessions.ts';
export type { Permission } from '../../../src/identity/permissions.ts';
export type { WorkspaceView } from '../../../src/identity/workspaces/schemas.ts';
export type { Effect, Policy } from '../../../src/kernel/codes.ts';
export type { Page, Total } from '../../../src/kernel/page.ts';
export type { Verification } from '../../../src/ledger/verify.ts';
export type { NoticeSettings, TimelineView } from '../../../src/notify/notices/schemas.ts';
export type { CreatedEndpointView, DeliveryView, EndpointView } from '../../../src/notify/webhooks/schemas.ts';
export type { AuthorizationView, BegunView } from '../../../src/registry/authorizations/schemas.ts';
export type { ClientUsageView, ClientView } from '../../../src/registry/clients/schemas.ts';
export type { ConnectorTestView, ConnectorView } from '../../../src/registry/connectors/schemas.ts';
export type { CurlDraft } from '../../../src/registry/curl/draft.ts';
export type { RuleInput } from '../../../src/registry/grants/rules.ts';
export type { ChangedGrantView, GrantView } from '../../../src/registry/grants/schemas.ts';
export type { AcceptedView, DriftView, OfferedTool, OfferView } from '../../../src/registry/mcp/schemas.ts';
export type { ImportView, PreviewView as OpenapiPreview } from '../../../src/registry/openapi/schemas.ts';
export type { SecretView } from '../../../src/registry/secrets/schemas.ts';
export type { CreatedTokenView, TokenView } from '../../../src/registry/tokens/schemas.ts';
export type { ToolView } from '../../../src/registry/tools/schemas.ts';
export type { ApprovalStatus, Role } from '../../../src/store/tables.ts';

import type { Permission } from '../../../src/identity/permissions.ts';
import type { Role } from '../../../src/store/tables.ts';

/** A workspace of the person signed in, and what they may do there. */
export type Membership = {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly role: Role;
  readonly permissions: readonly Permission[];
};

/** Who is signed in. The workspace used last comes first. */
export type Me = {
  readonly user: {
    readonly id: string;
    readonly name: string;
    readonly email: string;
    /** Others know the password: it opens this workspace and nothing else until it is changed. */
    readonly must_change_password: boolean;
  };
  readonly workspaces: readonly Membership[];
};

/** One entry of the audit log, as far as pages look into it. */
export type AuditEntry = {
  readonly at: string;
  readonly event_type: string;
  readonly actor: { readonly kind: string; readonly id: string; readonly ip?: string; readonly session?: string };
  readonly resource: { readonly kind: string; readonly id: string };
  readonly outcome: string;
  readonly payload_sha256?: string;
  readonly before_state?: unknown;
  readonly after_state?: unknown;
  readonly data?: Readonly<Record<string, unknown>>;
};
export type AuditLink = {
  readonly seq: number;
  readonly prev_hash: string;
  readonly hash: string;
  readonly entry: AuditEntry;
};
