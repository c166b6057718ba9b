import { uuidToId } from '../kernel/ids.ts';
import { type EgressExceptions, isExcepted } from './egress-exceptions.ts';
import { checkHost, type Destination, type EgressBlock, readUrl } from './egress-guard.ts';
import type { TargetFault } from './kind.ts';

/** Why a workspace may not reach a URL that stands in `member`, with the setting that allows it; null if it may. */
export function refuseUrl(
  member: string,
  url: string,
  tenantId: string,
  exceptions: EgressExceptions,
): TargetFault | null {
  const read = readUrl(url);
  return read.ok ? refuseHost(member, read, tenantId, exceptions) : { member, message: read.detail };
}

/** The same for a host and port. `check` judges them, given whether an exception lets the workspace there. */
export function refuseHost(
  member: string,
  { hostname, port }: Pick<Destination, 'hostname' | 'port'>,
  tenantId: string,
  exceptions: EgressExceptions,
  check: (hostname: string, port: number, excepted: boolean) => EgressBlock | null = checkHost,
): TargetFault | null {
  const blocked = check(hostname, port, isExcepted(exceptions, tenantId, hostname, port));
  if (blocked === null) return null;
  const setting = `COUNTERSIGN_EGRESS_ALLOW=${uuidToId('org', tenantId)}@${hostname}:${port}`;
  const canBeExcepted = check(hostname, port, true) === null;
  const message = canBeExcepted
    ? `${blocked.detail} An operator lets this workspace there with ${setting}`
    : blocked.detail;
  return { member, message };
}
