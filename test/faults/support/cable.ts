import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';

/** The network between a node and its database, to be pulled. */
export type Cable = {
  /** The database's URL by way of this cable. */
  readonly databaseUrl: string;
  /** Connections that were made to it, so far. */
  readonly connections: number;
  /** Whether one of its connections reaches the database from this port, as pg_stat_activity has it. */
  reachesFrom(clientPort: number): boolean;
  /** Ends all connections. */
  hangUp(): void;
  /** Ends all connections, and every new one as soon as it is made: a load balancer with nothing behind it. */
  cut(): void;
  /** Lets nothing through any more and says nothing: a firewall that forgot, a host without power. */
  silence(): void;
  /** Works again; what was said meanwhile is delivered. */
  mend(): void;
  close(): Promise<void>;
};

export async function startCable(databaseUrl: string): Promise<Cable> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  let state: 'whole' | 'cut' | 'silent' = 'whole';
  let connections = 0;

  const track = (socket: Socket): Socket => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    return socket;
  };
  const hangUp = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((near) => {
    connections += 1;
    track(near);
    if (state === 'cut') return void near.destroy();
    const far = track(createConnection(Number(target.port), target.hostname));
    near.pipe(far).pipe(near);
    near.once('close', () => far.destroy());
    far.once('close', () => near.destroy());
    if (state === 'silent') for (const socket of [near, far]) socket.pause();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const through = new URL(databaseUrl);
  through.hostname = '127.0.0.1';
  through.port = String((server.address() as AddressInfo).port);

  return {
    databaseUrl: through.href,
    get connections() {
      return connections;
    },
    reachesFrom: (clientPort) => [...sockets].some(({ localPort }) => localPort === clientPort),
    hangUp,
    cut() {
      state = 'cut';
      hangUp();
    },
    silence() {
      state = 'silent';
      for (const socket of sockets) socket.pause();
    },
    mend() {
      state = 'whole';
      for (const socket of sockets) socket.resume();
    },
    async close() {
      server.close();
      hangUp();
      await once(server, 'close');
    },
  };
}
