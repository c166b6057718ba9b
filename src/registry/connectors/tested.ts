import type { Verb } from '../../identity/verb.ts';
import { audit } from '../../ledger/audit.ts';

/** Says in the audit log that somebody tried a connector, and whether it led anywhere. */
export function tellTested(
  { tx, actor }: Verb,
  id: string,
  { ok, httpStatus }: { readonly ok: boolean; readonly httpStatus?: number },
): Promise<void> {
  return audit(tx, {
    event_type: 'connector.tested',
    actor,
    resource: { kind: 'connector', id },
    outcome: ok ? 'answered' : 'failed',
    ...(httpStatus !== undefined && { data: { http_status: httpStatus } }),
  });
}
