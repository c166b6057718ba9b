import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { buildDashboard } from '../../scripts/dashboard.ts';
import { type Gate, startGate } from '../support/gate.ts';
import { services } from '../support/services.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A key pressed while a page still glides from the one before may do nothing: pages stand at once.
  '--disable-smooth-scrolling',
];

/** Whether there is a browser to test pages in. In CI its absence is an error. */
export const hasBrowser = services.chromium !== undefined;
/** Whether there is one that shows notices (`whole`). `npm test` names what is not run without. */
export const hasWholeBrowser = services.wholeChromium !== undefined;
if (process.env.CI === 'true' && !hasBrowser) throw new Error('CI has no Chromium: TEST_CHROMIUM is not set.');

/** A gate on the embedded engine with its built dashboard, and a browser. */
export type Desk = {
  readonly gate: Gate;
  readonly browser: Browser;
  /** A page of one's own, signed in as a member of the demo workspace. Console errors fail the test at `close()`. */
  signedIn(role: string, options?: PageOptions & { nth?: number }): Promise<Page>;
  /** A page that nobody has signed in to. */
  stranger(options?: PageOptions): Promise<Page>;
  /** Asks for a call as the demo's agent that needs approval, and says how it was held. */
  ask(tool: string, args: Record<string, unknown>, executeOnApproval?: boolean): Promise<Held>;
  /** What pages wrote to the console that they should not have. */
  readonly complaints: string[];
  close(): Promise<void>;
};

/** `whole`: in a browser that shows notices; the usual one may not. */
type PageOptions = BrowserContextOptions & { whole?: boolean };

export type Held = { readonly approval_id: string; readonly execution_id: string; readonly payload_sha256: string };

export const MAIL = { to: ['anna@example.com'], subject: 'Your order', body: 'It is on its way.' };
export const REFUND = { order_id: 'A-1', amount: 4900, currency: 'EUR', reason: 'Damaged on arrival.' };

/**
 * Starts a desk for the tests of a block, hands it to `take` with which the block makes ready what it needs, closes it, and
 * fails every test after which a page has complained.
 */
export function useDesk(take: (desk: Desk) => unknown): void {
  let desk: Desk | undefined;
  beforeAll(async () => {
    desk = await startDesk();
    await take(desk);
  }, 240_000);
  afterAll(() => desk?.close());
  afterEach(() => {
    expect(desk?.complaints.splice(0)).toEqual([]);
  });
}

const launch = (executablePath: string): Promise<Browser> => chromium.launch({ executablePath, args: FLAGS });

/** `env` adds settings. */
export async function startDesk(env: Record<string, string> = {}): Promise<Desk> {
  await buildDashboard();
  const [gate, browser] = await Promise.all([
    startGate('pglite', { COUNTERSIGN_TRUSTED_PROXIES: '127.0.0.1', ...env }),
    launch(services.chromium!),
  ]);
  let whole: Promise<Browser> | undefined;
  const complaints: string[] = [];

  // Each browser is somewhere else: one place may sign in to an account ten times a minute.
  let places = 0;
  const address = (): string => {
    places += 1;
    return `198.51.100.${(places % 250) + 1}`;
  };
  const open = async ({ whole: inWhole = false, ...options }: PageOptions): Promise<Page> => {
    if (inWhole) whole ??= launch(services.wholeChromium!);
    const at = (inWhole && (await whole)) || browser;
    // A worker would hide requests from tests that answer them; those of the worker itself allow it.
    const context = await at.newContext({
      baseURL: gate.url,
      viewport: { width: 1440, height: 900 },
      serviceWorkers: 'block',
      extraHTTPHeaders: { 'x-forwarded-for': address() },
      ...options,
    });
    context.setDefaultTimeout(15_000);
    const page = await context.newPage();
    page.on('console', (message) => {
      // The browser itself notes every refused request; what the page makes of it is what is tested.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        complaints.push(message.text());
      }
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    return page;
  };
  return {
    gate,
    browser,
    complaints,
    stranger: (options = {}) => open(options),
    async signedIn(role, { nth = 0, ...options } = {}) {
      const page = await open(options);
      await signIn(page, gate, role, nth);
      return page;
    },
    async ask(tool, args, executeOnApproval = true) {
      const reply = await gate.client()('POST', '/api/agent/gateway', {
        tool,
        arguments: args,
        execute_on_approval: executeOnApproval,
      });
      if (reply.status !== 202) throw new Error(`Not held: ${reply.text}`);
      return reply.body;
    },
    async close() {
      await Promise.all([browser.close(), whole?.then((it) => it.close())]);
      await gate.close();
    },
  };
}

/** Signs in by the form, as a person does. */
export async function signIn(page: Page, gate: Gate, role: string, nth = 0): Promise<void> {
  const { email, password } = gate.demo.users.filter((user) => user.role === role)[nth]!;
  if (!page.url().includes('/sign-in')) await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
}

/** A wire to a server that can be cut and mended: while it is cut, nothing passes and nothing connects. */
export async function startWire(
  target: string,
): Promise<{ url: string; cut(): void; mend(): void; close(): Promise<void> }> {
  const { port, hostname } = new URL(target);
  const sockets = new Set<Socket>();
  let isCut = false;
  const server: Server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(Number(port), hostname);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    isCut = true;
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut,
    mend() {
      isCut = false;
    },
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The path of a page in the demo workspace. */
export const at = (path: string): string => `/w/demo/${path}`;

/** Forgets a page and everything it was signed in to. */
export async function leave(page: Page): Promise<void> {
  const context: BrowserContext = page.context();
  await context.close();
}

const STEPS_MAX = 400;

/** Scrolls from where the page is to the end of what must be read, part after part, as a person reads. */
export async function readToEnd(page: Page): Promise<void> {
  for (let step = 0; step < STEPS_MAX; step += 1) {
    if (await page.getByText('You approve exactly these bytes.').isVisible()) return;
    await page.evaluate(
      'window.scrollBy(0, 200); new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
    );
  }
  throw new Error('The end of the payload was not reached.');
}
