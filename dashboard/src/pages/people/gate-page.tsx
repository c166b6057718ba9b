import { type ReactNode, useEffect } from 'react';
import { Wordmark } from '../../shell/wordmark.tsx';

/** A page before a workspace is known: one sheet, one thing to do. */
export function GatePage({
  title,
  lead,
  children,
}: {
  title: string;
  lead?: ReactNode;
  children: ReactNode;
}): ReactNode {
  useEffect(() => {
    document.title = `${title} · Countersign`;
  }, [title]);
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="w-full max-w-md overflow-hidden rounded-doc border border-rule bg-sheet shadow-sheet">
        <div className="bg-rail px-6 py-4 text-on-rail">
          <Wordmark />
        </div>
        <div className="grid gap-4 p-6">
          <div className="double-rule pb-3">
            <h1 className="text-2xl break-words">{title}</h1>
            {lead && <p className="text-sm break-words text-soft">{lead}</p>}
          </div>
          {children}
        </div>
      </div>
    </main>
  );
}
