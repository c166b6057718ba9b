import { Link, Outlet } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useSlug } from '../workspace.tsx';
import { SETTINGS } from './places.ts';

/** Settings, with a navigation of their own. */
export function SettingsFrame(): ReactNode {
  const slug = useSlug();
  return (
    <div className="md:grid md:grid-cols-[10rem_minmax(0,1fr)] md:items-start md:gap-8">
      <nav aria-label="Settings" className="max-md:mb-4 max-md:border-b max-md:border-edge md:pt-1">
        <p className="px-3 pb-1 text-sm font-semibold text-soft max-md:sr-only">Settings</p>
        <ul className="flex flex-wrap md:grid md:gap-0.5">
          {SETTINGS.map(({ to, label }) => (
            <li key={to}>
              <Link
                to={`/w/$slug/settings${to && `/${to}`}` as '/w/$slug/settings'}
                params={{ slug }}
                activeOptions={{ exact: true }}
                className="flex min-h-9 items-center border-transparent px-3 text-soft hover:text-ink aria-[current=page]:border-accent aria-[current=page]:font-semibold aria-[current=page]:text-ink max-md:-mb-px max-md:border-b-2 md:rounded-doc md:border-l-4 md:hover:bg-sheet md:aria-[current=page]:bg-sheet pointer-coarse:min-h-11"
              >
                {label}
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <div className="min-w-0">
        <Outlet />
      </div>
    </div>
  );
}
