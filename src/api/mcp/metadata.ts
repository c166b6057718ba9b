import type { Hono } from 'hono';
import type { App } from '../app.ts';
import { type Env, requestInfo } from '../mount.ts';
import { METADATA_PATH } from './request.ts';

/** What a client must know before it asks (RFC 9728). Tokens are given out by a workspace's admins, not by a server. */
export function mountMcpMetadata(hono: Hono<Env>, app: App): void {
  const body = (publicUrl: string): object => ({
    resource: `${publicUrl}/mcp`,
    resource_name: 'Countersign',
    bearer_methods_supported: ['header'],
    resource_documentation: `${publicUrl}/docs`,
  });
  for (const path of [METADATA_PATH, `${METADATA_PATH}/mcp`]) {
    hono.get(path, (c) => {
      const publicUrl = app.settings.COUNTERSIGN_PUBLIC_URL ?? requestInfo(app, c).url.origin;
      return c.json(body(publicUrl), 200, { 'x-request-id': c.get('requestId'), 'cache-control': 'no-store' });
    });
  }
}
