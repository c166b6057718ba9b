import type { ReactNode } from 'react';
import type { ApprovalDetail } from '../../api/types.ts';
import { SafeText } from '../../components/safe-text.tsx';

/** Where the call goes: method, host and path, always in sight. */
export function Destination({
  call,
}: {
  call: Pick<NonNullable<ApprovalDetail['call']>, 'destination'> | null;
}): ReactNode {
  const destination = call?.destination;
  if (!destination) return null;
  const { origin, host, rest } = partsOf(destination.url);
  return (
    <p data-destination className="flex flex-wrap items-baseline gap-x-2 font-mono text-sm" dir="ltr">
      <span className="rounded-doc bg-well px-1.5 font-semibold">{destination.method}</span>
      <span className="min-w-0 wrap-anywhere">
        <span className="text-soft">{origin}</span>
        <strong>
          <SafeText text={host} />
        </strong>
        <SafeText text={rest} />
      </span>
    </p>
  );
}

/** A URL taken apart as it is written: a browser's parser would put another spelling in its place. */
function partsOf(url: string): { origin: string; host: string; rest: string } {
  const [, origin = '', host = url, rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)(.*)$/isu.exec(url) ?? [];
  return { origin, host, rest };
}
