import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { Hono } from 'hono';
import type { App } from './app.ts';
import { type Encoding, encodingOf } from './compression.ts';
import type { Env } from './mount.ts';

const DIST = join(import.meta.dirname, '../../dashboard/dist');

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

/**
 * What the page may do: run its own scripts and styles, and talk to its own origin. No inline script, no inline
 * style, no frame, no form target, no string that becomes markup or code: the one policy of Trusted Types makes the
 * address of the service worker and nothing else (`dashboard/src/install-worker.ts`).
 * Styles that React sets go through the CSSOM, which `style-src` does not concern, so no exception is needed.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types service-worker',
].join('; ');

const SAFE_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

type Asset = {
  readonly type: string;
  readonly etag: string;
  readonly cache: string;
  /** Compressed when first asked for: all of them at a start would take it a second. */
  readonly bodies: Readonly<Record<Encoding | 'identity', () => Promise<Buffer>>>;
};

/** The pages' own paths; every other unknown path is answered by the API. */
const PAGES = /^\/(?:$|(?:sign-in|join|setup|password|change-password|authorized)$|w(?:\/|$))/;
/** Paths of the API that a browser may open by itself; they never turn into a page. */
const NO_PAGE = /^\/(?:v1|api|mcp|docs|schemas|assets|embed)(?:\/|$)|\.\w+$/;

/**
 * Serves the built dashboard from memory: files with a hash in their name for a year, the page itself checked on
 * each visit. Unknown paths that a person opened get the page too, with 404, so that it can say so. Call it after
 * every other path is mounted. `dist` is where `vite build` left it.
 */
export function mountDashboard(hono: Hono<Env>, app: App, dist: string = DIST): void {
  const assets = readAssets(dist);
  const page = assets.get('/index.html');
  const isTls = app.settings.COUNTERSIGN_PUBLIC_URL?.startsWith('https:') ?? false;
  const headers = { ...SAFE_HEADERS, ...(isTls && { 'strict-transport-security': 'max-age=31536000' }) };

  hono.get('*', async (c, next) => {
    const { path } = c.req;
    const asset = path === '/index.html' ? undefined : assets.get(path);
    if (asset !== undefined) return answer(asset, c.req.raw.headers, headers, 200);
    const isPage = PAGES.test(path);
    const isOpened = !NO_PAGE.test(path) && (c.req.header('accept') ?? '').includes('text/html');
    if (!isPage && !isOpened) return next();
    if (page === undefined)
      return new Response(NOT_BUILT, {
        status: 503,
        headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' },
      });
    return answer(page, c.req.raw.headers, headers, isPage ? 200 : 404);
  });
}

const NOT_BUILT = 'The dashboard is not built. `npm start` builds it; the API works without.\n';

async function answer(
  asset: Asset,
  asked: Headers,
  safe: Readonly<Record<string, string>>,
  status: 200 | 404,
): Promise<Response> {
  const headers: Record<string, string> = {
    ...safe,
    etag: asset.etag,
    'cache-control': asset.cache,
    vary: 'accept-encoding',
  };
  if (status === 200 && asked.get('if-none-match')?.includes(asset.etag))
    return new Response(null, { status: 304, headers });
  const encoding = encodingOf(asked.get('accept-encoding') ?? '') ?? 'identity';
  if (encoding !== 'identity') headers['content-encoding'] = encoding;
  const body = await asset.bodies[encoding]();
  return new Response(new Uint8Array(body), {
    status,
    headers: { ...headers, 'content-type': asset.type, 'content-length': String(body.length) },
  });
}

function readAssets(dist: string): ReadonlyMap<string, Asset> {
  let names: string[];
  try {
    names = readdirSync(dist, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && extname(entry.name) in TYPES)
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    return new Map();
  }
  return new Map(
    names.map((file) => {
      const path = file.slice(dist.length).replaceAll('\\', '/');
      return [path, readAsset(file, path.startsWith('/assets/'))];
    }),
  );
}

function readAsset(file: string, isHashed: boolean): Asset {
  const identity = readFileSync(file);
  return {
    type: TYPES[extname(file)]!,
    etag: `"${createHash('sha256').update(identity).digest('base64url').slice(0, 27)}"`,
    cache: isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    bodies: {
      identity: async () => identity,
      gzip: once(() => promisify(gzip)(identity)),
      br: once(() => promisify(brotliCompress)(identity)),
    },
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
