import type { Generated, JSONColumnType } from 'kysely';
import type { DeliveryStatus, EndpointStatus, NoticeChannel, NoticeStage, NoticeStatus } from '../kernel/statuses.ts';

/** Rows of what tells others: webhooks and notices. */
type Json = JSONColumnType<object, string, string>;
type At = Generated<Date>;

export type NotifyTables = {
  webhook_endpoints: {
    tenant_id: string;
    id: string;
    url: string;
    description: Generated<string>;
    events: string[];
    status: Generated<EndpointStatus>;
    disabled_because: 'member' | 'gone' | 'failing' | null;
    failing_since: Date | null;
    last_success_at: Date | null;
    enabled_at: At;
    secret_number: Generated<number>;
    version: Generated<number>;
    created_by: string;
    created_at: At;
    updated_at: At;
  };
  notify_secrets: {
    tenant_id: string;
    secret_id: string;
    number: number;
    sealed: string;
    created_at: At;
    ends_at: Date | null;
  };
  webhook_deliveries: {
    tenant_id: string;
    id: string;
    endpoint_id: string;
    event_id: string;
    event_type: string;
    seq: string | null;
    status: Generated<DeliveryStatus>;
    attempts: Generated<Json>;
    attempt_count: Generated<number>;
    next_attempt_at: At;
    origin_id: string | null;
    created_at: At;
    finished_at: Date | null;
  };
  notices: {
    tenant_id: string;
    id: string;
    about_kind: 'approval' | 'webhook' | 'several';
    about_id: string;
    stage: NoticeStage;
    channel: NoticeChannel;
    user_id: string | null;
    status: Generated<NoticeStatus>;
    attempts: Generated<number>;
    next_attempt_at: At;
    error: string | null;
    told_by: string | null;
    open: Generated<boolean>;
    created_at: At;
    sent_at: Date | null;
  };
  approval_opens: {
    tenant_id: string;
    approval_id: string;
    user_id: string;
    opened_at: At;
  };
  notice_choices: {
    tenant_id: string;
    user_id: string;
    email: Generated<boolean>;
    push: Generated<boolean>;
  };
  push_subscriptions: {
    tenant_id: string;
    id: string;
    user_id: string;
    session_id: string;
    endpoint: string;
    p256dh: string;
    auth: string;
    created_at: At;
  };
  vapid_keys: {
    one: Generated<boolean>;
    public_key: string;
    sealed: string;
    created_at: At;
  };
  webhook_backlog: {
    tenant_id: string;
    from_seq: string;
    to_seq: string;
  };
  webhook_queues: {
    tenant_id: string;
    endpoint_id: string;
    due_at: Date | null;
    claimed_until: Date | null;
    failing: Generated<boolean>;
    pending: Generated<number>;
    missed: Generated<string>;
  };
};
