-- Notices to people: what waits for them, and what stopped working.

-- When the people who may decide are told next; `infinity` when they are not any more. An approval is born due, so the
-- notice of it is as certain as itself.
alter table approvals add column next_notice_at timestamptz not null default 'infinity';
alter table approvals alter column next_notice_at set default now();
create index approvals_notices on approvals (next_notice_at) where status = 'pending' and next_notice_at < 'infinity';

create table notices (
  tenant_id uuid not null,
  id text collate "C" not null,
  about_kind text not null check (about_kind in ('approval', 'webhook', 'several')),
  about_id text collate "C" not null,
  stage text not null check (stage in ('asked', 'half', 'late', 'disabled', 'several')),
  channel text not null check (channel in ('email', 'slack', 'push')),
  -- Null for a channel that is the workspace's own.
  user_id text collate "C",
  status text not null default 'pending' check (status in ('pending', 'folded', 'sent', 'failed', 'dropped')),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  error text,
  -- Beyond so many an hour, a notice is folded into one that tells of several: this one.
  told_by text collate "C",
  -- Whether more may be folded into it.
  open boolean not null default false,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  primary key (tenant_id, id)
);
create unique index notices_open on notices (tenant_id, channel, user_id) nulls not distinct where open;
create index notices_lately on notices (tenant_id, created_at) where told_by is null;
create index notices_told_by on notices (tenant_id, told_by) where told_by is not null;
create index notices_due on notices (next_attempt_at) where status = 'pending';
create index notices_about on notices (tenant_id, about_id);
create index notices_created on notices (created_at);

create table approval_opens (
  tenant_id uuid not null,
  approval_id text collate "C" not null,
  user_id text collate "C" not null references auth_users (id),
  opened_at timestamptz not null default now(),
  primary key (tenant_id, approval_id, user_id),
  foreign key (tenant_id, approval_id) references approvals (tenant_id, id)
);

-- By which channels a person wants to be told in a workspace. Who has no row wants all.
create table notice_choices (
  tenant_id uuid not null references workspaces (tenant_id),
  user_id text collate "C" not null references auth_users (id),
  email boolean not null default true,
  push boolean not null default true,
  primary key (tenant_id, user_id)
);

-- A browser that a person has notices shown on, as long as the sign-in lasts in which they said so.
create table push_subscriptions (
  tenant_id uuid not null references workspaces (tenant_id),
  id text collate "C" not null,
  user_id text collate "C" not null references auth_users (id),
  session_id text collate "C" not null references auth_sessions (id) on delete cascade,
  endpoint text not null,
  p256dh text not null,
  auth text not null,
  created_at timestamptz not null default now(),
  primary key (tenant_id, id),
  unique (tenant_id, user_id, endpoint)
);
create index push_subscriptions_session on push_subscriptions (session_id);

-- What tells push services who sends: one pair for the installation, made at first need.
create table vapid_keys (
  one boolean primary key default true check (one),
  public_key text not null,
  sealed text not null,
  created_at timestamptz not null default now()
);
