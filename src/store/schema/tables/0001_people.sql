-- People. They exist above workspaces, so these tables are not tenant tables; column names are better-auth's.
create table auth_users (
  id text collate "C" primary key,
  name text not null,
  email text not null unique,
  "emailVerified" boolean not null default false,
  image text,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now(),
  -- Somebody else knows the password. Until it is changed, a sign-in with it reaches nothing but the workspace that
  -- knows it: the demo's, or none.
  must_change_password boolean not null default false,
  password_known_in uuid
);
create table auth_sessions (
  id text collate "C" primary key,
  "expiresAt" timestamptz not null,
  token text not null unique,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now(),
  "ipAddress" text,
  "userAgent" text,
  "userId" text collate "C" not null references auth_users (id) on delete cascade
);
create index auth_sessions_user on auth_sessions ("userId");
create table auth_accounts (
  id text collate "C" primary key,
  "accountId" text not null,
  "providerId" text not null,
  "userId" text collate "C" not null references auth_users (id) on delete cascade,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  scope text,
  password text,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now()
);
create index auth_accounts_user on auth_accounts ("userId");
create table auth_verifications (
  id text collate "C" primary key,
  identifier text not null,
  value text not null,
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now()
);
create index auth_verifications_identifier on auth_verifications (identifier);
