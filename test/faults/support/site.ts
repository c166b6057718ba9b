import { rmSync } from 'node:fs';
import { Store } from '../../../src/store/store.ts';
import type { EngineName } from '../../support/engines.ts';
import { readyDirectory } from '../../support/ready.ts';
import { createReadyDatabase } from '../../support/store.ts';
import { endNodes, type Node, type NodeOptions, startNode } from './node.ts';
import { readTruth, type Truth } from './truth.ts';
import { startUpstream, type Upstream } from './upstream.ts';
import { makeWorld, type World, type WorldOptions } from './world.ts';

/** One installation: a database, an outside world, and as many nodes as a test starts on them. */
export type Site = {
  readonly databaseUrl: string | undefined;
  readonly upstream: Upstream;
  /** Makes a workspace. On the embedded engine only while no node runs. */
  world(options?: WorldOptions): Promise<World>;
  start(options?: Pick<NodeOptions, 'env' | 'preload' | 'databaseUrl'>): Promise<Node>;
  /** What is recorded. On the embedded engine only while no node runs. */
  truth(world: World): Promise<Truth>;
  /** Ends every node and removes everything. */
  close(): Promise<void>;
};

/**
 * Opens a site on an empty database: on `engine`, on the PostgreSQL whose superuser's URL is given, or on the
 * embedded engine in a folder that is given.
 */
export async function openSite(
  engine: EngineName | { readonly databaseUrl: string } | { readonly dataDir: string },
): Promise<Site> {
  const given: { databaseUrl?: string; dataDir?: string } = typeof engine === 'object' ? engine : {};
  const dataDir = given.dataDir ?? readyDirectory();
  const database = engine === 'postgres' ? await createReadyDatabase() : undefined;
  const databaseUrl = given.databaseUrl ?? database?.url;
  const upstream = await startUpstream();

  const withStore = async <T>(work: (store: Store) => Promise<T>): Promise<T> => {
    const store = await Store.open({ databaseUrl, dataDir, poolSize: 2 });
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  };

  return {
    databaseUrl,
    upstream,
    world: (options) => withStore((store) => makeWorld(store, upstream.url, options)),
    start: (options) => startNode({ dataDir, databaseUrl, egressAllow: upstream.host, ...options }),
    truth: (world) => withStore((store) => readTruth(store, world.tenantId)),
    async close() {
      await endNodes();
      await upstream.close();
      await database?.drop();
      if (given.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
