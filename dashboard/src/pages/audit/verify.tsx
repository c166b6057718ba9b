import type { ReactNode } from 'react';
import { useChange } from '../../api/change.ts';
import type { Verification } from '../../api/types.ts';
import { Note } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { ProblemNote } from '../../components/states.tsx';

/** Computes every hash of the chain again, now. The result stands apart, so that the button stays where it is. */
export function useVerify(): { readonly button: ReactNode; readonly result: ReactNode } {
  const verify = useChange<void, Verification>(() => ({ path: '/v1/audit/verify', method: 'POST' }), {
    families: [],
    said: null,
  });
  const isThere = verify.error !== null || verify.data !== undefined;
  return {
    button: (
      <Button icon="seal" busy={verify.isPending} onClick={() => verify.mutate()}>
        Verify now
      </Button>
    ),
    result: (
      <div aria-live="polite" className={isThere ? 'mb-4' : ''}>
        <ProblemNote problem={verify.error} />
        {verify.data && <Result verification={verify.data} />}
      </div>
    ),
  };
}

function Result({ verification: { ok, checked, head, fault } }: { verification: Verification }): ReactNode {
  return (
    <div data-verified={ok ? 'intact' : 'broken'}>
      {ok ? (
        <Note tone="good" title={`The chain is whole: ${checked} entries checked.`}>
          Head {head.seq}, <code className="font-mono text-xs break-all">{head.hash}</code>. Keep it elsewhere, to know
          later that nothing was cut off.
        </Note>
      ) : (
        <Note tone="bad" alert title={`The chain breaks at entry ${fault?.seq ?? '?'}.`}>
          {fault?.reason}. {checked} entries before it hold.
        </Note>
      )}
    </div>
  );
}
