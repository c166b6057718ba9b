import { Resolver } from 'node:dns';
import { createServer, Packet } from 'dns2';
import type { Lookup } from './guarded-connect.ts';

/** What a name is answered with: addresses, another name, or an error of the protocol. */
export type DnsAnswer =
  | readonly string[]
  | { readonly alias: string }
  | { readonly error: 'NXDOMAIN' | 'SERVFAIL' }
  | 'silence';

/** A DNS server on loopback. Each name has its answers one after the other; the last one stays. */
export type DnsServer = {
  /** Asks it over UDP, as `dns.lookup` would ask the system's. */
  readonly lookup: Lookup;
  /** The names that were asked for addresses of version 4, in their order. */
  readonly asked: string[];
  close(): Promise<void>;
};

const [NXDOMAIN, SERVFAIL] = [3, 2];
const ALIASES_MAX = 8;

export async function startDnsServer(zone: Readonly<Record<string, readonly DnsAnswer[]>>): Promise<DnsServer> {
  const asked: string[] = [];
  const answersOf = (name: string): DnsAnswer => {
    const answers = zone[name] ?? [{ error: 'NXDOMAIN' as const }];
    const nth = asked.filter((one) => one === name).length - 1;
    return answers[Math.min(Math.max(nth, 0), answers.length - 1)]!;
  };
  const server = createServer({
    udp: true,
    handle(request, send) {
      const response = Packet.createResponseFromRequest(request);
      const [question] = request.questions as unknown as { name: string; type: number }[];
      const { name, type } = question!;
      if (type === Packet.TYPE.A) asked.push(name);
      const fill = (owner: string, depth: number): 'silence' | undefined => {
        const answer = answersOf(owner);
        if (answer === 'silence') return 'silence';
        if ('error' in answer) response.header.rcode = answer.error === 'NXDOMAIN' ? NXDOMAIN : SERVFAIL;
        else if ('alias' in answer) {
          const alias = { name: owner, type: Packet.TYPE.CNAME, class: Packet.CLASS.IN, ttl: 0, domain: answer.alias };
          response.answers.push(alias as never);
          if (depth < ALIASES_MAX) return fill(answer.alias, depth + 1);
        } else {
          for (const address of answer.filter((one) => one.includes(':') === (type === Packet.TYPE.AAAA))) {
            response.answers.push({ name: owner, type, class: Packet.CLASS.IN, ttl: 0, address } as never);
          }
        }
        return undefined;
      };
      if (fill(name, 0) !== 'silence') send(response);
    },
  });
  const { udp } = await server.listen({ udp: { port: 0, address: '127.0.0.1' } });
  const resolver = new Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([`127.0.0.1:${(udp as { port: number }).port}`]);
  return {
    asked,
    lookup: (hostname, _options, callback) => void resolve(resolver, hostname, callback),
    async close() {
      resolver.cancel();
      await server.close();
    },
  };
}

/** Both versions, as the system asks; what one of them has is enough. */
async function resolve(resolver: Resolver, name: string, callback: Parameters<Lookup>[2]): Promise<void> {
  const ask = (method: 'resolve4' | 'resolve6', family: number) =>
    new Promise<{ error: NodeJS.ErrnoException | null; found: { address: string; family: number }[] }>((done) => {
      resolver[method](name, (error, addresses) =>
        done({ error, found: (error === null ? addresses : []).map((address) => ({ address, family })) }),
      );
    });
  const four = await ask('resolve4', 4);
  const six = await ask('resolve6', 6);
  const found = [...four.found, ...six.found];
  const error = found.length === 0 ? (four.error ?? six.error) : null;
  // The system's own name for a server that does not answer.
  callback(error?.code === 'ETIMEOUT' ? Object.assign(error, { code: 'EAI_AGAIN' }) : error, found);
}
