-- What MCP servers say of their tools, prompts and resources, as it was accepted, and as it was last heard where that
-- differs.
alter table tools add column quarantined_at timestamptz;

create table mcp_definitions (
  tenant_id uuid not null,
  tool_id text collate "C" not null,
  list text not null check (list in ('tools', 'prompts', 'resources')),
  -- What the server calls it.
  remote_name text not null,
  definition jsonb not null,
  -- The hash over it, which the tool's handler_config names.
  pin text collate "C" not null,
  -- What the server says of it now; null with a seen_at where it has none of it any more.
  seen jsonb,
  seen_pin text collate "C",
  seen_at timestamptz,
  primary key (tenant_id, tool_id),
  foreign key (tenant_id, tool_id) references tools (tenant_id, id)
);
