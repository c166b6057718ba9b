import { approvalRoutes } from './rest/approvals.ts';
import { auditRoutes } from './rest/audit.ts';
import { authorizationRoutes } from './rest/authorizations.ts';
import { clientRoutes } from './rest/clients.ts';
import { connectorRoutes } from './rest/connectors.ts';
import { curlRoutes } from './rest/curl.ts';
import { draftRoutes } from './rest/drafts.ts';
import { executionRoutes } from './rest/executions.ts';
import { grantRoutes } from './rest/grants.ts';
import { killSwitchRoutes } from './rest/kill-switches.ts';
import { mcpRoutes } from './rest/mcp.ts';
import { meRoutes } from './rest/me.ts';
import { memberRoutes } from './rest/members.ts';
import { noticeRoutes } from './rest/notices.ts';
import { openapiImportRoutes } from './rest/openapi-import.ts';
import { overviewRoutes } from './rest/overview.ts';
import { rulesCheckRoutes } from './rest/rules-check.ts';
import { runLabelRoutes } from './rest/run-labels.ts';
import { schemaCheckRoutes } from './rest/schema-check.ts';
import { searchRoutes } from './rest/search.ts';
import { secretRoutes } from './rest/secrets.ts';
import { tokenRoutes } from './rest/tokens.ts';
import { toolTestRoutes } from './rest/tool-test.ts';
import { toolRoutes } from './rest/tools.ts';
import { webhookRoutes } from './rest/webhooks.ts';
import { workspaceRoutes } from './rest/workspace.ts';
import type { Route } from './route.ts';
import { eventRoutes } from './sse/events.ts';

/** Every declared route. The server mounts these, OpenAPI describes them, and tests walk them. */
export const routes: readonly Route[] = [
  ...meRoutes,
  ...workspaceRoutes,
  ...overviewRoutes,
  ...searchRoutes,
  ...memberRoutes,
  ...clientRoutes,
  ...tokenRoutes,
  ...runLabelRoutes,
  ...grantRoutes,
  ...rulesCheckRoutes,
  ...authorizationRoutes,
  ...connectorRoutes,
  ...mcpRoutes,
  ...secretRoutes,
  ...toolRoutes,
  ...toolTestRoutes,
  ...schemaCheckRoutes,
  ...openapiImportRoutes,
  ...curlRoutes,
  ...killSwitchRoutes,
  ...executionRoutes,
  ...approvalRoutes,
  ...draftRoutes,
  ...noticeRoutes,
  ...auditRoutes,
  ...webhookRoutes,
  ...eventRoutes,
];
