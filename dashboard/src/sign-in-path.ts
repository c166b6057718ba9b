/**
 * Where to go after signing in: a path of this site, or the front page. `//host`, `/\host` and everything with a
 * scheme would leave it; the URL parser decides, as the browser will.
 */
export function pathAfterSignIn(to: string | undefined, origin: string): string {
  if (to === undefined || !to.startsWith('/')) return '/';
  try {
    const url = new URL(to, origin);
    if (url.origin !== origin || url.pathname.startsWith('/sign-in')) return '/';
    return `${url.pathname}${url.search}${url.hash}`;
  } catch {
    return '/';
  }
}
