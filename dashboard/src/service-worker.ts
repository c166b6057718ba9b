/**
 * Keeps the desk's own files, so that a page asked for offline is the desk saying so, and not the browser's error page.
 *
 * It shows the notices that the server pushes, and opens the page that one leads to; nothing is decided in one.
 *
 * It knows nothing of the API: only the files of one build, named below by `vite.config.ts`, and documents, which come
 * from the server whenever it answers. It stores nothing after its installation and sends nothing of its own, so nothing
 * can wait in it to be sent later. A new build is a new worker with a new store; it takes over when the last page of the
 * old build is closed, which until then finds its own files here, even those that the server has no more.
 *
 * No module, and no import: it is served as it stands here, without its types.
 */
declare const FILES: readonly string[];
declare const ENTRY: string;
declare const BUILD: string;

type Lasting = Event & { waitUntil(done: Promise<unknown>): void };
type Fetching = Lasting & { readonly request: Request; respondWith(answer: Promise<Response>): void };

const STORE = `countersign ${BUILD}`;
const PAGE = '/';
/** Paths whose documents are the server's own: never a page of the desk. */
const NO_PAGE = /^\/(?:v1|api|mcp|docs|schemas|assets|embed)(?:\/|$)|\.\w+$/;

self.addEventListener('install', (event) => (event as Lasting).waitUntil(keepFiles()));
self.addEventListener('activate', (event) => (event as Lasting).waitUntil(dropOthers()));
self.addEventListener('fetch', (event) => {
  const { request, respondWith } = event as Fetching;
  const answer = answerTo(request);
  if (answer) respondWith.call(event, answer);
});

self.addEventListener('push', (event) => (event as Lasting).waitUntil(showNotice(event as Pushed)));
self.addEventListener('notificationclick', (event) => (event as Lasting).waitUntil(openNotice(event as Clicked)));

type Pushed = Event & { readonly data: { json(): unknown } | null };
type Clicked = Event & { readonly notification: { readonly data: unknown; close(): void } };
type Notice = { readonly title: string; readonly body: string; readonly path: string; readonly tag: string };
type OpenPage = { readonly url: string; focus(): Promise<unknown>; navigate(url: string): Promise<unknown> };
type Workings = {
  readonly registration: { showNotification(title: string, options: object): Promise<void> };
  readonly clients: {
    matchAll(options: object): Promise<readonly OpenPage[]>;
    openWindow(url: string): Promise<unknown>;
  };
};
const worker = self as unknown as Workings;

/** A later notice of the same thing takes the place of the one before, and makes itself heard again. */
async function showNotice({ data }: Pushed): Promise<void> {
  const { title, body, path, tag } = (data?.json() ?? {}) as Partial<Notice>;
  if (typeof title !== 'string' || typeof path !== 'string' || !path.startsWith('/w/')) return;
  const looks = { body, tag, renotify: tag !== undefined, icon: '/icon-192.png', data: path };
  await worker.registration.showNotification(title, looks);
}

/** A page of the desk that is open shows it; otherwise a new one. */
async function openNotice({ notification }: Clicked): Promise<void> {
  notification.close();
  const url = new URL(String(notification.data), self.location.origin);
  if (url.origin !== self.location.origin) return;
  const [open] = await worker.clients.matchAll({ type: 'window' });
  try {
    if (open === undefined) throw new Error('none is open');
    await open.navigate(url.href);
    await open.focus();
  } catch {
    // None is open, or it is of another build and not this worker's to lead.
    await worker.clients.openWindow(url.href);
  }
}

/** An answer of the worker's own, or nothing: then the request goes its way as if there were no worker. */
function answerTo(request: Request): Promise<Response> | undefined {
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return undefined;
  if (request.mode === 'navigate') return NO_PAGE.test(pathname) ? undefined : openPage(request);
  return FILES.includes(pathname) && pathname !== PAGE ? keptFile(request) : undefined;
}

/** The server's page; without an answer from it the one that was kept. */
async function openPage(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (unreachable) {
    const kept = await caches.match(PAGE, { cacheName: STORE });
    if (kept) return kept;
    throw unreachable;
  }
}

async function keptFile(request: Request): Promise<Response> {
  return (await caches.match(request, { cacheName: STORE, ignoreVary: true })) ?? fetch(request);
}

/** All files of this build or none: a page of another build would ask for files that are not here. */
async function keepFiles(): Promise<void> {
  const page = await fetch(PAGE, { cache: 'no-cache' });
  const text = await page.clone().text();
  if (!page.ok || !text.includes(ENTRY)) throw new Error('The server has another build.');
  const store = await caches.open(STORE);
  await store.addAll(FILES.filter((file) => file !== PAGE));
  await store.put(PAGE, page);
}

async function dropOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== STORE).map((name) => caches.delete(name)));
}
