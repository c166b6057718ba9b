import type { EgressExceptions } from '../../egress-exceptions.ts';
import { refused, type Unanswered, type UpstreamOutcome } from '../../outcome.ts';
import { parsedBy } from '../../parsed.ts';
import type { NeededSecrets } from '../../prepared.ts';
import { scrubOutcome } from '../../secrets/scrub-outcome.ts';
import type { UsedSecrets } from '../../secrets/used.ts';
import type { Ways } from '../../ways.ts';
import { mcpConnectorConfig } from './config.ts';
import type { Definition, ListName } from './definitions.ts';
import { NotMet, type ServerInfo } from './peer.ts';
import type { Whose } from './peers.ts';
import { reach, serverOf } from './server.ts';

/** What a server has, as it says itself. Texts of somebody else, without the secrets that were sent to it. */
export type Discovered = {
  readonly kind: 'discovered';
  readonly server: ServerInfo;
  readonly lists: Readonly<Record<ListName, readonly Definition[]>>;
  /** How many items of a list cannot be used. */
  readonly unusable: Readonly<Record<ListName, number>>;
};

const LIST_NAMES = ['tools', 'prompts', 'resources', 'templates'] as const;
const TIMEOUT_MS = 45_000;

/** Asks a connector's server for all its lists. Never rejects; what is said of a failure is safe to show. */
export async function discover(
  ways: Ways,
  exceptions: EgressExceptions,
  whose: Whose,
  config: unknown,
  open: (needed: NeededSecrets) => Promise<UsedSecrets | Unanswered>,
): Promise<Discovered | UpstreamOutcome> {
  const connector = parsedBy(mcpConnectorConfig, config);
  if (connector === undefined)
    return refused('egress_blocked', 'The connector has a config that is no longer accepted.');
  const server = serverOf(connector, whose.tenantId, exceptions);
  if ('kind' in server) return server;
  const secrets = server.secrets === undefined ? undefined : await open(server.secrets);
  if (secrets !== undefined && 'kind' in secrets) return secrets;
  const reached = reach(ways, server, whose, secrets);
  if ('kind' in reached) return reached;
  const scrubbed = async (outcome: UpstreamOutcome): Promise<UpstreamOutcome> =>
    secrets === undefined ? outcome : scrubOutcome(outcome, secrets.scrubber);
  try {
    const { server: said, found } = await ways.mcp.list(reached, whose, LIST_NAMES, TIMEOUT_MS);
    const lists: Partial<Record<ListName, Definition[]>> = {};
    const unusable: Partial<Record<ListName, number>> = {};
    for (const name of LIST_NAMES) {
      const listed = found.get(name)!;
      if (!listed.ok) return await scrubbed({ kind: 'unknown', reason: listed.because });
      lists[name] = [...listed.items.values()];
      unusable[name] = listed.unusable;
    }
    const info =
      secrets === undefined ? said : (JSON.parse(await secrets.scrubber.json(JSON.stringify(said))) as ServerInfo);
    return {
      kind: 'discovered',
      server: info,
      lists: lists as Discovered['lists'],
      unusable: unusable as Discovered['unusable'],
    };
  } catch (fault) {
    if (fault instanceof NotMet) return await scrubbed(fault.outcome);
    return { kind: 'unknown', reason: 'Reading the lists of the server broke off inside the gateway.' };
  }
}
