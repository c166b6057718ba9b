import type { Route } from '../route.ts';

/** Where the name that follows from method and path would say something else than the route does. */
const NAMES: Readonly<Record<string, string>> = {
  'get /v1/me': 'getMe',
  'put /v1/me/workspace': 'chooseWorkspace',
  'get /v1/workspaces/current': 'getWorkspace',
  'patch /v1/workspaces/current': 'updateWorkspace',
  'post /v1/workspaces/current/owner': 'transferOwnership',
  'post /v1/members': 'addMember',
  'patch /v1/members/{id}': 'changeMemberRole',
  'delete /v1/members/{id}': 'removeMember',
  'delete /v1/clients/{id}': 'revokeClient',
  'get /v1/clients/{id}/usage': 'getClientUsage',
  'delete /v1/clients/{id}/tokens/{token_id}': 'revokeClientToken',
  'post /v1/clients/{id}/tokens/{token_id}/rotate': 'rotateClientToken',
  'delete /v1/connectors/{id}': 'revokeConnector',
  'get /v1/connectors/{id}/authorization': 'getConnectorAuthorization',
  'post /v1/connectors/{id}/authorization': 'beginConnectorAuthorization',
  'post /v1/connectors/authorizations': 'finishConnectorAuthorization',
  'delete /v1/connectors/{id}/authorization': 'endConnectorAuthorization',
  'delete /v1/tools/{id}': 'archiveTool',
  'post /v1/tools/{id}/test': 'testTool',
  'post /v1/tools/check-schema': 'checkToolSchema',
  'post /v1/tools/{id}/check-rules': 'checkToolRules',
  'get /v1/kill-switches/preview': 'previewKillSwitch',
  'post /v1/kill-switches': 'flipKillSwitch',
  'delete /v1/kill-switches/{id}': 'liftKillSwitch',
  'get /v1/approvals/count': 'countApprovals',
  'post /v1/approvals/deny': 'denyApprovals',
  'get /v1/search': 'search',
  'get /v1/overview': 'getOverview',
  'get /v1/audit/event-types': 'listAuditEventTypes',
  'post /v1/approvals/{id}/decisions': 'decideApproval',
  'delete /v1/approvals/{id}/decisions/mine': 'withdrawDecision',
  'delete /v1/approvals/{id}': 'cancelApproval',
  'get /v1/audit': 'listAuditEntries',
  'post /v1/audit/verify': 'verifyAudit',
  'get /v1/audit/export': 'exportAudit',
  'get /v1/events': 'followEvents',
};

const VERBS = { get: 'get', post: 'create', patch: 'update', put: 'set', delete: 'delete' } as const;

/** The operation's name in generated clients: `listClients`, `createClientToken`. */
export function operationId({ method, path }: Pick<Route, 'method' | 'path'>): string {
  const named = NAMES[`${method} ${path}`];
  if (named !== undefined) return named;
  const segments = path.split('/').slice(2);
  const isList = method === 'get' && !segments.at(-1)?.startsWith('{');
  const nouns = segments.filter((segment) => !segment.startsWith('{'));
  const words = nouns.map((noun, nth) => pascal(isList && nth === nouns.length - 1 ? noun : singular(noun)));
  return `${isList ? 'list' : VERBS[method]}${words.join('')}`;
}

function pascal(segment: string): string {
  return segment.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function singular(noun: string): string {
  return noun.endsWith('ches') ? noun.slice(0, -2) : noun.replace(/s$/, '');
}
