import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** Parts of a page, one at a time; which one is in the URL. */
export function TabLinks({
  label,
  tabs,
  open,
}: {
  label: string;
  tabs: readonly (readonly [value: string, label: string])[];
  open: string;
}): ReactNode {
  return (
    <nav aria-label={label} className="mb-4 flex gap-1 overflow-x-auto border-b border-edge">
      {tabs.map(([value, name], at) => (
        <Link
          key={value}
          to="."
          search={at === 0 ? {} : { tab: value }}
          activeProps={{}}
          aria-current={open === value ? 'page' : undefined}
          className={`-mb-px border-b-2 px-3 py-1.5 whitespace-nowrap ${open === value ? 'border-accent font-semibold text-ink' : 'border-transparent text-soft hover:text-ink'}`}
        >
          {name}
        </Link>
      ))}
    </nav>
  );
}
