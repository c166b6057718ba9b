import { lazyRouteComponent } from '@tanstack/react-router';

/** A page's code could not be fetched: there is no connection, or a newer version has taken its place. */
export class PageNotLoaded extends Error {
  override readonly name = 'PageNotLoaded';
}

/**
 * A page that is fetched when it is first opened. The router would load the whole document again where that fails, which
 * offline is the browser's own error page; this says it on ours.
 */
export function lazyPage<M extends Record<string, unknown>, K extends keyof M & string>(
  load: () => Promise<M>,
  name: K,
) {
  return lazyRouteComponent(async () => {
    try {
      return await load();
    } catch (cause) {
      throw new PageNotLoaded('This page has not been loaded yet.', { cause });
    }
  }, name);
}
