-- What is true of the whole installation, in one row: which key its nodes must have, told without telling the key.
create table installation (
  one boolean primary key default true check (one),
  key_fingerprint text not null,
  created_at timestamptz not null default now()
);
