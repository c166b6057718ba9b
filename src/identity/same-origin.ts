/**
 * Whether a request that changes something comes from this site's own pages. A browser says where a request
 * comes from (`Sec-Fetch-Site`, `Origin`), and what it says must be this site: the public URL or the host that
 * was asked. A tool that says nothing carries no cookie it was not given.
 */
export function isSameOrigin(headers: Headers, requestUrl: URL, publicUrl: string | undefined): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return false;
  const origin = headers.get('origin');
  if (origin === null) return true;
  return origin === requestUrl.origin || (publicUrl !== undefined && origin === new URL(publicUrl).origin);
}
