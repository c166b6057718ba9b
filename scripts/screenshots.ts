/**
 * Takes the pictures of the README and of docs/dashboard.md: `npm run screenshots`. It starts a demo of its
 * own in a temporary folder, makes calls as its agent, looks at the pages with Chromium and writes docs/images/*.png.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { DemoWorkspace } from '../src/demo/seed.ts';
import { childEnv, fail, node24, root, runMain } from './bootstrap/runtime.mjs';
import { buildDashboard } from './dashboard.ts';
import { fetchChromium } from './services/chromium.ts';

type Demo = { readonly url: string; readonly workspaces: readonly DemoWorkspace[] };
type Called = { readonly approval_id: string; readonly execution_id: string };

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const MAX_BYTES = 200_000;
const images = join(root, 'docs', 'images');

runMain(async () => {
  await buildDashboard();
  const found = await fetchChromium();
  if (!found.path) fail(`No pictures: ${found.missing}.`);
  const dataDir = mkdtempSync(join(tmpdir(), 'countersign-pictures-'));
  const server = await startDemo(dataDir);
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath: found.path, args: FLAGS });
  try {
    await takeAll(browser, JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')));
  } finally {
    await browser.close();
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    await ended;
    rmSync(dataDir, { recursive: true, force: true });
  }
});

/** Starts the demo and waits until it says that it is ready. */
async function startDemo(dataDir: string): Promise<ChildProcess> {
  const env = childEnv({ COUNTERSIGN_DATA_DIR: dataDir, PORT: String(await freePort()) });
  const server = spawn(node24(), [join(root, 'src', 'cli', 'main.ts'), 'demo'], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise<void>((resolve, reject) => {
    server.once('exit', () => reject(new Error('The demo did not start.')));
    server.stdout!.on('data', (text) => String(text).includes('Countersign is ready') && resolve());
  });
  server.removeAllListeners('exit');
  return server;
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

async function takeAll(browser: Browser, demo: Demo): Promise<void> {
  const workspace = demo.workspaces[0]!;
  const call = (tool: string, args: object) => callAs(demo, workspace.clients[0]!.token, tool, args);
  for (const q of ['refund', 'delivery', 'password', 'invoice']) await call('help.search', { q });
  await call('records.delete', { id: 'rec_2' });
  const mail = await call('email.send', {
    to: ['customer@example.com', 'billing@p\u0430ypal.com'],
    subject: 'Your refund \u202efor order A-1042',
    body: 'Hello,\n\nwe have asked for your refund of 49.00 EUR. It takes up to five working days.\n\nThe support team',
  });
  const refund = await call('refunds.create', {
    order_id: 'A-1043',
    amount: 12900,
    currency: 'EUR',
    reason: 'The parcel never arrived.',
  });
  const sent = await call('email.send', {
    to: ['customer@example.com'],
    subject: 'Order A-1044',
    body: 'It is on its way.',
  });

  const desktop = (colorScheme: 'light' | 'dark') =>
    open(browser, demo, { colorScheme, viewport: { width: 1280, height: 860 } });
  const light = await desktop('light');
  await take(light, `inbox/${mail.approval_id}`, 'approval', () => light.locator('[data-seal="match"]').waitFor());
  await light.goto(`/w/demo/inbox/${sent.approval_id}`);
  await light.getByRole('button', { name: 'Approve and run' }).click();
  await light.locator('[data-outcome="executed"]').waitFor();
  await take(light, `activity/${sent.execution_id}`, 'activity', () => light.getByText('execution.executed').waitFor());
  await take(light, 'audit', 'audit', async () => {
    await light.getByRole('button', { name: 'Verify now' }).click();
    await light.locator('[data-verified="intact"]').waitFor();
  });
  await take(light, 'kill-switches?flip=workspace', 'kill-switch', () => light.locator('[data-preview]').waitFor());
  const dark = await desktop('dark');
  await take(dark, `inbox/${refund.approval_id}`, 'approval-dual', () => dark.locator('[data-seal="match"]').waitFor());
  const phone = await open(browser, demo, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await take(phone, `inbox/${mail.approval_id}`, 'approval-phone', () =>
    phone.locator('[data-seal="match"]').waitFor(),
  );
}

async function callAs(demo: Demo, token: string, tool: string, args: object): Promise<Called> {
  const response = await fetch(`${demo.url}/api/agent/gateway`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ tool, arguments: args, execute_on_approval: true }),
  });
  return (await response.json()) as Called;
}

/** A page, signed in as an admin. */
async function open(browser: Browser, demo: Demo, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ baseURL: demo.url, ...options });
  const page = await context.newPage();
  const { email, password } = demo.workspaces[0]!.users.find(({ role }) => role === 'admin')!;
  await page.goto('/sign-in');
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`**/w/${demo.workspaces[0]!.slug}`);
  return page;
}

async function take(page: Page, path: string, name: string, ready: () => Promise<unknown>): Promise<void> {
  await page.goto(`/w/demo/${path}`);
  await page.locator('[data-stream="live"]').waitFor();
  await ready();
  const file = join(images, `${name}.png`);
  mkdirSync(images, { recursive: true });
  await page.screenshot({ path: file, animations: 'disabled' });
  const { size } = statSync(file);
  if (size > MAX_BYTES) fail(`${file} has ${size} bytes; pictures may have ${MAX_BYTES}.`);
  process.stdout.write(`${file} ${Math.round(size / 1000)} kB\n`);
}
