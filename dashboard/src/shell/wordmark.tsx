import type { ReactNode } from 'react';

/** The name with its sign; in a narrow bar the sign alone. */
export function Wordmark(): ReactNode {
  return (
    <span className="flex items-center gap-2 font-serif text-lg font-semibold">
      <svg width="24" height="24" viewBox="0 0 32 32" aria-hidden="true" fill="none" strokeLinecap="round">
        <path d="M5 10h13M5 16h8" stroke="currentColor" strokeWidth="2.4" />
        <path d="m12 22.500 4.600 4L27 13" className="stroke-brass" strokeWidth="3.200" strokeLinejoin="round" />
      </svg>
      <span className="max-sm:sr-only">Countersign</span>
    </span>
  );
}
