import type { ReactNode } from 'react';
import { useChange } from '../../api/change.ts';
import type { ConnectorTestView } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';

/** Asks whether somebody answers where a connector leads, and says it beside the button. */
export function TryConnector({ id }: { id: string }): ReactNode {
  const attempt = useChange<void, ConnectorTestView>(() => ({ path: `/v1/connectors/${id}/test`, method: 'POST' }), {
    families: [],
    said: null,
  });
  const said = attempt.error?.message ?? attempt.data?.detail;
  const isFine = attempt.data?.ok ?? false;
  return (
    <span className="flex flex-wrap items-center gap-2">
      <span role="status" data-tried={attempt.data?.ok} className={`text-sm ${isFine ? 'text-yes' : 'text-no'}`}>
        {said}
      </span>
      <Button busy={attempt.isPending} onClick={() => attempt.mutate()}>
        Test the connection
      </Button>
    </span>
  );
}
