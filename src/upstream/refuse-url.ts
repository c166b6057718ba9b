import { uuidToId } from '../kernel/ids.ts';
import { findCredential } from './credentials.ts';
import { type EgressExceptions, isExcepted } from './egress-exceptions.ts';
import { checkHost, readUrl } from './egress-guard.ts';

/**
 * Why a workspace may not have something sent to a URL, as a sentence to show beside the field; null if it may. Judged as
 * it is written; where a name leads is asked each time.
 */
export function refuseUrl(url: string, tenantId: string, exceptions: EgressExceptions): string | null {
  const read = readUrl(url);
  if (!read.ok) return read.detail;
  const { hostname, port } = read;
  const blocked = checkHost(hostname, port, isExcepted(exceptions, tenantId, hostname, port));
  if (blocked === null) return null;
  if (checkHost(hostname, port, true) !== null) return blocked.detail;
  const setting = `COUNTERSIGN_EGRESS_ALLOW=${uuidToId('org', tenantId)}@${hostname}:${port}`;
  return `${blocked.detail} An operator lets this workspace there with ${setting}`;
}

/** Whether a URL that people are to read holds what looks like a credential. */
export function holdsCredential(url: string): boolean {
  return findCredential({ url }) !== null;
}
