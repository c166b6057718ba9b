import { idToUuid, isId } from '../kernel/ids.ts';
import { checkHost, readUrl } from './egress-guard.ts';
import type { StdioAllowance } from './kinds/mcp/stdio/allow.ts';

/** One exception of the egress guard: who may reach which private destination. */
export type EgressException = {
  /** Normalised `host:port`; an IPv6 host in brackets. */
  readonly destination: string;
  /** The workspace's id as it appears on the wire, or null for every workspace. */
  readonly workspaceId: string | null;
};

/** The operator's exceptions, ready to be looked up. Build it with {@link egressExceptions}. */
export type EgressExceptions = {
  readonly list: readonly EgressException[];
  /** Destinations by tenant id. */
  readonly ofTenant: ReadonlyMap<string, ReadonlySet<string>>;
  readonly ofAll: ReadonlySet<string>;
  /** Every destination that is somebody's. */
  readonly any: ReadonlySet<string>;
  /** The commands that connectors may start on this machine. */
  readonly stdio?: readonly StdioAllowance[];
};

const MAX_EXCEPTIONS = 100;

/**
 * Parses `COUNTERSIGN_EGRESS_ALLOW`: entries separated by commas or white space, each `host:port` for every
 * workspace or `org_…@host:port` for one; IPv6 hosts in brackets. Gives the normalised entries, or one sentence
 * that says what to write.
 */
export function parseEgressAllow(text: string): { ok: true; allow: string[] } | { ok: false; message: string } {
  const allow: string[] = [];
  for (const entry of text.split(/[\s,]+/).filter((part) => part !== '')) {
    const read = readException(entry);
    if (typeof read === 'string') return { ok: false, message: read };
    allow.push(entry.toLowerCase());
  }
  if (allow.length > MAX_EXCEPTIONS) return { ok: false, message: `At most ${MAX_EXCEPTIONS} exceptions are allowed.` };
  return { ok: true, allow: [...new Set(allow)] };
}

/**
 * The exceptions that the guard looks up.
 * @throws RangeError for an entry that {@link parseEgressAllow} would refuse: exceptions come from the
 * operator, so a malformed one is a fault of the wiring.
 */
export function egressExceptions(entries: readonly string[], stdio: readonly StdioAllowance[] = []): EgressExceptions {
  const list = entries.map((entry) => {
    const read = readException(entry);
    if (typeof read === 'string') throw new RangeError(read);
    return read;
  });
  const ofTenant = new Map<string, Set<string>>();
  for (const { workspaceId, destination } of list) {
    if (workspaceId === null) continue;
    const tenantId = idToUuid(workspaceId);
    ofTenant.set(tenantId, (ofTenant.get(tenantId) ?? new Set()).add(destination));
  }
  const ofAll = new Set(list.filter(({ workspaceId }) => workspaceId === null).map(({ destination }) => destination));
  return { list, ofTenant, ofAll, any: new Set(list.map(({ destination }) => destination)), stdio };
}

/** True if the operator lets this workspace reach exactly this host and port. */
export function isExcepted(exceptions: EgressExceptions, tenantId: string, hostname: string, port: number): boolean {
  if (exceptions.any.size === 0) return false;
  const destination = `${hostname}:${port}`;
  return exceptions.ofAll.has(destination) || (exceptions.ofTenant.get(tenantId)?.has(destination) ?? false);
}

/**
 * What an operator should hear of an exception at the start. `slug` is the named workspace's, undefined when there
 * is none by that id: then nobody is let through.
 */
export function sayException({ destination, workspaceId }: EgressException, slug: string | undefined): string {
  if (workspaceId === null) {
    return `The egress guard lets calls of every workspace reach ${destination}; org_…@${destination} would let one.`;
  }
  if (slug === undefined) {
    return `The egress exception ${workspaceId}@${destination} names a workspace that does not exist, so it lets nobody through.`;
  }
  return `The egress guard lets calls of the workspace ${slug} reach ${destination}.`;
}

/** An entry as an exception, or a sentence that says what is wrong with it. */
function readException(entry: string): EgressException | string {
  const shown = JSON.stringify(entry.slice(0, 80));
  const text = entry.toLowerCase();
  const at = text.lastIndexOf('@');
  const workspaceId = at === -1 ? null : text.slice(0, at);
  const written = text.slice(at + 1);
  if (workspaceId !== null && !isId('org', workspaceId)) {
    // Not the slug: it is its members' own short name, and somebody else's workspace may have the same.
    return `${shown} does not name a workspace. Write its id before the @, for example org_01h455vb4pex5vsknk084sn02q@127.0.0.1:4010.`;
  }
  const destination = readUrl(`http://${written}/`);
  if (!destination.ok || destination.rest !== '/' || !/:\d+$/.test(written)) {
    return `${shown} is not host:port. Write for example 127.0.0.1:4010, [::1]:4010 or crm.internal:8443.`;
  }
  const blocked = checkHost(destination.hostname, destination.port, true);
  if (blocked !== null) return `${shown} cannot be an exception. ${blocked.detail}`;
  return { destination: written, workspaceId };
}
