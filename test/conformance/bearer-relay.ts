import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * Stands in front of a gate and adds a bearer token, for a suite that knows of none. Everything else goes through as it
 * came, Host and Origin too: but the name of its own address, which stands for the gate's.
 */
export async function startBearerRelay(
  gateUrl: string,
  token: string,
  path: string,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const gate = new URL(gateUrl);
  const server = createServer((incoming, outgoing) => {
    const own = `127.0.0.1:${port}`;
    const named = (value: string | undefined) => value?.replace(own, gate.host).replace(`localhost:${port}`, gate.host);
    const headers: Record<string, string | string[] | undefined> = {
      ...incoming.headers,
      authorization: `Bearer ${token}`,
      host: named(incoming.headers.host),
      ...(incoming.headers.origin !== undefined && { origin: named(incoming.headers.origin) }),
    };
    const onward = httpRequest(
      {
        host: gate.hostname,
        port: gate.port,
        method: incoming.method,
        path,
        headers: headers as never,
        setHost: false,
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
