import { z } from 'zod';
import { uuidToId } from '../../kernel/ids.ts';
import { line } from '../../kernel/text.ts';

const SLUG = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

export const slug = z.string().regex(SLUG, 'use 1 to 40 lower-case letters, digits and inner hyphens, such as acme-eu');
export const workspaceName = line(80);

/** From a minute to a week, in seconds. */
const approvalTtlSeconds = z
  .int('write a whole number of seconds')
  .min(60, 'at least 60 seconds')
  .max(604_800, 'at most 604800 seconds (a week)');

export const updateWorkspaceInput = z.strictObject({
  name: workspaceName.optional(),
  approval_ttl_seconds: approvalTtlSeconds.optional(),
});
export type UpdateWorkspaceInput = z.infer<typeof updateWorkspaceInput>;

export const workspaceView = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  approval_ttl_seconds: z.int(),
  created_at: z.iso.datetime(),
});
export type WorkspaceView = z.infer<typeof workspaceView>;

type WorkspaceRow = { tenant_id: string; slug: string; name: string; approval_ttl_seconds: number; created_at: Date };

export const WORKSPACE_COLUMNS = ['tenant_id', 'slug', 'name', 'approval_ttl_seconds', 'created_at'] as const;

export function viewWorkspace(row: WorkspaceRow): WorkspaceView {
  return {
    id: uuidToId('org', row.tenant_id),
    slug: row.slug,
    name: row.name,
    approval_ttl_seconds: row.approval_ttl_seconds,
    created_at: row.created_at.toISOString(),
  };
}
