import type { QueryClient } from '@tanstack/react-query';
import { createRootRouteWithContext, createRoute, createRouter, Outlet, redirect } from '@tanstack/react-router';
import { ApiProblem } from './api/http.ts';
import { meQuery } from './api/queries.ts';
import { Loading } from './components/states.tsx';
import { lazyPage } from './page-loader.tsx';
import { ApprovalPage } from './pages/inbox/approval-page.tsx';
import { Inbox, NothingOpen } from './pages/inbox/inbox.tsx';
import { SignIn } from './pages/sign-in/sign-in.tsx';
import { OuterError, RouteError } from './shell/route-error.tsx';
import { SettingsFrame } from './shell/settings-frame.tsx';
import { NotHere, WorkspaceFrame } from './shell/workspace-frame.tsx';

/** What the URL may say: plain texts, and only those a page knows. */
function texts<K extends string>(...names: readonly K[]) {
  return (search: Record<string, unknown>): { [Name in K]?: string } => {
    const entries = names.map((name) => [name, search[name]] as const);
    return Object.fromEntries(entries.filter(([, value]) => typeof value === 'string' && value !== '')) as {
      [Name in K]?: string;
    };
  };
}

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Outlet,
  notFoundComponent: NotHere,
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: 'sign-in',
  validateSearch: texts('to'),
  component: SignIn,
});

/** Pages behind one-time links, whose token is behind the `#`; and the change that others' knowledge of a password asks for. */
const join = createRoute({
  getParentRoute: () => root,
  path: 'join',
  component: lazyPage(() => import('./pages/people/join.tsx'), 'Join'),
});
const setUp = createRoute({
  getParentRoute: () => root,
  path: 'setup',
  component: lazyPage(() => import('./pages/people/set-up.tsx'), 'SetUp'),
});
const choosePassword = createRoute({
  getParentRoute: () => root,
  path: 'password',
  component: lazyPage(() => import('./pages/people/choose-password.tsx'), 'ChoosePassword'),
});
const mustChange = createRoute({
  getParentRoute: () => root,
  path: 'change-password',
  component: lazyPage(() => import('./pages/people/must-change.tsx'), 'MustChangePassword'),
});

/** Where the provider of a connector sends the browser back to. */
const authorized = createRoute({
  getParentRoute: () => root,
  path: 'authorized',
  async beforeLoad({ context, location }) {
    return { me: await signedIn(context.queryClient, location.href) };
  },
  component: lazyPage(() => import('./pages/authorized/authorized.tsx'), 'Authorized'),
  errorComponent: OuterError,
});

const front = createRoute({
  getParentRoute: () => root,
  path: '/',
  async beforeLoad({ context, location }) {
    const me = await signedIn(context.queryClient, location.href);
    const [first] = me.workspaces;
    if (first) throw redirect({ to: '/w/$slug', params: { slug: first.slug }, replace: true });
  },
  component: NotHere,
  errorComponent: OuterError,
});

const workspace = createRoute({
  getParentRoute: () => root,
  path: 'w/$slug',
  async beforeLoad({ context, location }) {
    return { me: await signedIn(context.queryClient, location.href) };
  },
  component: WorkspaceFrame,
  pendingComponent: () => <Loading rows={6} />,
  errorComponent: OuterError,
});

const home = createRoute({
  getParentRoute: () => workspace,
  path: '/',
  validateSearch: texts('hours'),
  component: lazyPage(() => import('./pages/home/home.tsx'), 'Home'),
});

const inbox = createRoute({
  getParentRoute: () => workspace,
  path: 'inbox',
  validateSearch: texts('status', 'tool', 'principal', 'show', 'group'),
  component: Inbox,
});
const noApproval = createRoute({ getParentRoute: () => inbox, path: '/', component: NothingOpen });
const approval = createRoute({
  getParentRoute: () => inbox,
  path: '$id',
  validateSearch: (search: Record<string, unknown>): { view?: 'raw' | undefined } =>
    search.view === 'raw' ? { view: 'raw' } : {},
  component: ApprovalPage,
});

const activity = createRoute({
  getParentRoute: () => workspace,
  path: 'activity',
  validateSearch: texts('q', 'status', 'tool', 'principal', 'code', 'run_id', 'on_behalf_of', 'from', 'to'),
  component: lazyPage(() => import('./pages/activity/activity.tsx'), 'Activity'),
});
const call = createRoute({
  getParentRoute: () => activity,
  path: '$id',
  component: lazyPage(() => import('./pages/activity/call-page.tsx'), 'CallPage'),
});

const drafts = createRoute({
  getParentRoute: () => workspace,
  path: 'drafts',
  validateSearch: texts('status', 'q'),
  component: lazyPage(() => import('./pages/drafts/drafts.tsx'), 'Drafts'),
});
const draft = createRoute({
  getParentRoute: () => workspace,
  path: 'drafts/$id',
  component: lazyPage(() => import('./pages/drafts/draft-page.tsx'), 'DraftPage'),
});

const clients = createRoute({
  getParentRoute: () => workspace,
  path: 'clients',
  validateSearch: texts('status', 'q'),
  component: lazyPage(() => import('./pages/clients/clients.tsx'), 'Clients'),
});
const client = createRoute({
  getParentRoute: () => workspace,
  path: 'clients/$id',
  validateSearch: texts('tab', 'q'),
  component: lazyPage(() => import('./pages/clients/client-page.tsx'), 'ClientPage'),
});

const tools = createRoute({
  getParentRoute: () => workspace,
  path: 'tools',
  validateSearch: texts('status', 'q'),
  component: lazyPage(() => import('./pages/tools/tools.tsx'), 'Tools'),
});
const newTool = createRoute({
  getParentRoute: () => workspace,
  path: 'tools/new',
  component: lazyPage(() => import('./pages/tools/tool-form.tsx'), 'NewTool'),
});
const importTools = createRoute({
  getParentRoute: () => workspace,
  path: 'tools/import',
  validateSearch: texts('connector'),
  component: lazyPage(() => import('./pages/tools/import/import-page.tsx'), 'ImportTools'),
});
const tool = createRoute({
  getParentRoute: () => workspace,
  path: 'tools/$id',
  component: lazyPage(() => import('./pages/tools/tool-page.tsx'), 'ToolPage'),
});

const connectors = createRoute({
  getParentRoute: () => workspace,
  path: 'connectors',
  validateSearch: texts('status', 'q'),
  component: lazyPage(() => import('./pages/connectors/connectors.tsx'), 'Connectors'),
});
const connector = createRoute({
  getParentRoute: () => workspace,
  path: 'connectors/$id',
  component: lazyPage(() => import('./pages/connectors/connector-page.tsx'), 'ConnectorPage'),
});
const start = createRoute({
  getParentRoute: () => workspace,
  path: 'start',
  component: lazyPage(() => import('./pages/start/start.tsx'), 'Start'),
});

const switches = createRoute({
  getParentRoute: () => workspace,
  path: 'kill-switches',
  validateSearch: texts('flip', 'target'),
  component: lazyPage(() => import('./pages/kill-switches/kill-switches.tsx'), 'KillSwitches'),
});
const audit = createRoute({
  getParentRoute: () => workspace,
  path: 'audit',
  validateSearch: texts('event', 'actor', 'resource', 'tool', 'outcome', 'from', 'to', 'seq'),
  component: lazyPage(() => import('./pages/audit/audit.tsx'), 'Audit'),
});
const settings = createRoute({
  getParentRoute: () => workspace,
  path: 'settings',
  component: SettingsFrame,
});
const general = createRoute({
  getParentRoute: () => settings,
  path: '/',
  component: lazyPage(() => import('./pages/settings/settings.tsx'), 'Settings'),
});
const members = createRoute({
  getParentRoute: () => settings,
  path: 'members',
  validateSearch: texts('invite', 'q'),
  component: lazyPage(() => import('./pages/settings/members-page.tsx'), 'MembersPage'),
});
const secrets = createRoute({
  getParentRoute: () => settings,
  path: 'secrets',
  validateSearch: texts('q'),
  component: lazyPage(() => import('./pages/settings/secrets-page.tsx'), 'SecretsPage'),
});
const webhooks = createRoute({
  getParentRoute: () => settings,
  path: 'webhooks',
  validateSearch: texts('status', 'q'),
  component: lazyPage(() => import('./pages/webhooks/webhooks.tsx'), 'Webhooks'),
});
const webhook = createRoute({
  getParentRoute: () => settings,
  path: 'webhooks/$id',
  validateSearch: texts('status'),
  component: lazyPage(() => import('./pages/webhooks/webhook-page.tsx'), 'WebhookPage'),
});
const account = createRoute({
  getParentRoute: () => settings,
  path: 'account',
  component: lazyPage(() => import('./pages/settings/account-page.tsx'), 'AccountPage'),
});
const security = createRoute({
  getParentRoute: () => settings,
  path: 'security',
  component: lazyPage(() => import('./pages/settings/security-page.tsx'), 'SecurityPage'),
});

const tree = root.addChildren([
  signIn,
  join,
  setUp,
  choosePassword,
  mustChange,
  authorized,
  front,
  workspace.addChildren([
    home,
    inbox.addChildren([noApproval, approval]),
    drafts,
    draft,
    activity.addChildren([call]),
    clients,
    client,
    tools,
    importTools,
    newTool,
    tool,
    connectors,
    connector,
    start,
    switches,
    audit,
    settings.addChildren([general, members, secrets, webhooks, webhook, account, security]),
  ]),
]);

/** Who is signed in; sends others to sign in, and then back to where they were going. */
async function signedIn(queryClient: QueryClient, href: string) {
  try {
    return await queryClient.ensureQueryData(meQuery);
  } catch (problem) {
    if (problem instanceof ApiProblem && problem.status === 401) {
      throw redirect({ to: '/sign-in', search: href === '/' ? {} : { to: href }, replace: true });
    }
    if (problem instanceof ApiProblem && problem.code === 'password_change_required') {
      throw redirect({ to: '/change-password', replace: true });
    }
    throw problem;
  }
}

/** The pages. Filters in the URL are plain texts, as a person would write them. */
export function createDesk(queryClient: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queryClient },
    defaultPreload: false,
    scrollRestoration: true,
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
      return given.length === 0 ? '' : `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}`;
    },
    defaultErrorComponent: RouteError,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createDesk>;
  }
}
