import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useChange } from '../../api/change.ts';
import { queries } from '../../api/queries.ts';
import type { DriftView, ToolView } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { Time } from '../../components/time.tsx';
import { useMay, useSlug } from '../../workspace.tsx';
import { Changes } from '../inbox/drift.tsx';

/** Why nobody can call an MCP server's tool at present: what was accepted of it, against what the server says now. */
export function Quarantine({ tool }: { tool: ToolView }): ReactNode {
  const drift = useQuery(queries.drift(useSlug(), tool.id));
  const may = useMay();
  const { data } = drift;
  return (
    <div className="mb-6" data-quarantine>
      <Note tone="bad" title="Quarantined: nobody can call this tool.">
        Its MCP server says of it what nobody here has accepted, seen <Time at={tool.quarantined_at!} />. What a server
        says is somebody else’s text: read it as that.
        {data && <Difference drift={data} />}
        {data && may('tools.manage') && <Accept tool={tool} drift={data} />}
      </Note>
    </div>
  );
}

function Difference({ drift: { accepted, seen, seen_at } }: { drift: DriftView }): ReactNode {
  if (seen !== null) return <Changes before={accepted} after={seen} title="What the server says differently" />;
  return (
    <p className="mt-2">
      {seen_at === null ? 'By now it says again what was accepted.' : 'By now it has the tool no more: archive it.'}
    </p>
  );
}

function Accept({ tool, drift }: { tool: ToolView; drift: DriftView }): ReactNode {
  const pin = drift.seen_pin ?? drift.pin;
  const isGone = drift.seen === null && drift.seen_at !== null;
  const accept = useChange<void, ToolView>(
    () => ({ path: `/v1/tools/${tool.id}/accept-drift`, method: 'POST', body: { pin } }),
    { families: ['tools', 'connectors'], said: `${tool.name} can be called again.` },
  );
  if (isGone) return null;
  return (
    <div className="mt-3 grid gap-2">
      <ProblemNote problem={accept.error} />
      <p>Whoever waits for an approval of the tool as it was has to ask again.</p>
      <div>
        <Button kind="primary" busy={accept.isPending} onClick={() => accept.mutate()}>
          Accept what it says now
        </Button>
      </div>
    </div>
  );
}
