import { newId } from '../../kernel/ids.ts';
import type { UpstreamOutcome } from '../../upstream/outcome.ts';
import type { OwnConnector } from '../act/secrets.ts';
import type { Deps } from '../deps.ts';

/** Whether a connector leads anywhere, in words that hold nothing of what came back. */
export type Probed = { readonly ok: boolean; readonly detail: string; readonly httpStatus?: number };

/**
 * Asks whether somebody answers where a connector leads, with the workspace's own secrets. It is no call: nothing is
 * recorded here, and what comes back is thrown away but for its status.
 */
export async function probeConnector(
  { upstream, secrets }: Pick<Deps, 'upstream' | 'secrets'>,
  connector: OwnConnector,
): Promise<Probed> {
  const prepared = upstream.probe(connector);
  if (prepared === null) return { ok: true, detail: 'There is nobody to ask: it leads nowhere.' };
  if (prepared.kind === 'refused') return { ok: false, detail: prepared.detail };
  const executionId = newId('exe');
  if (prepared.secrets === undefined) return said(await upstream.execute(prepared, { executionId }));
  const used = await secrets.openOwn(connector, prepared.secrets);
  if ('kind' in used) return said(used);
  return said(await upstream.execute(prepared, { executionId, secrets: used }));
}

function said(outcome: UpstreamOutcome): Probed {
  switch (outcome.kind) {
    case 'executed': {
      const { httpStatus } = outcome;
      if (httpStatus === undefined) return { ok: true, detail: 'It answers, and takes what is sent.' };
      return { ok: true, detail: `It answers (${httpStatus}).`, httpStatus };
    }
    case 'failed': {
      const status = (JSON.parse(outcome.error) as { http_status?: number }).http_status;
      if (status === undefined) return { ok: false, detail: outcome.message };
      if (status === 401 || status === 403) {
        return { ok: false, detail: `It answers, and refuses who asks (${status}).`, httpStatus: status };
      }
      // Few APIs have something at their base address: that they say so is an answer.
      return { ok: status < 500, detail: `It answers (${status}).`, httpStatus: status };
    }
    case 'refused':
      return { ok: false, detail: outcome.detail };
    case 'unknown':
      return { ok: false, detail: outcome.reason };
  }
}
