let kept: { readonly page: string; readonly token: string } | undefined;

/**
 * The token behind the `#` of a one-time link. It is taken out of the address at once, so that no history, screenshot
 * or shared link has it, and kept in this page's memory only: after a reload the link is opened again.
 */
export function takeLinkToken(page: string): string | undefined {
  const token = /^#token=([A-Za-z0-9_-]{1,128})$/.exec(window.location.hash)?.[1];
  if (token !== undefined) {
    kept = { page, token };
    window.history.replaceState(window.history.state, '', window.location.pathname);
  }
  return kept?.page === page ? kept.token : undefined;
}
