import { EventEmitter } from 'node:events';

/** A resource of a workspace's server that has changed. */
export type Update = { readonly tenantId: string; readonly uri: string };

/** What servers that are met by this node say of resources that are watched. */
export class ResourceUpdates {
  readonly #bus = new EventEmitter();

  constructor() {
    this.#bus.setMaxListeners(0);
  }

  tell({ tenantId, uri }: Update): void {
    this.#bus.emit(tenantId, uri);
  }

  /** Hears of a workspace's resources until the returned function is called. */
  follow(tenantId: string, listener: (uri: string) => void): () => void {
    this.#bus.on(tenantId, listener);
    return () => void this.#bus.off(tenantId, listener);
  }
}
