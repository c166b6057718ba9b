import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Icon, type IconName } from '../components/icon.tsx';
import { useSlug } from '../workspace.tsx';
import { usePending } from './pending.ts';
import { GROUPS, PLACES } from './places.ts';

/** The pages in their groups: beside every page where there is room, in the phone's menu where there is not. */
export function Places(): ReactNode {
  const pending = usePending();
  return (
    <>
      {GROUPS.map((group) => (
        <div key={group} className="mb-3">
          <h2 className="px-2.5 pb-1 font-sans text-xs font-semibold text-rail-soft">{group}</h2>
          <ul className="grid gap-0.5">
            {PLACES.filter((place) => place.group === group).map(({ to, label, icon }) => (
              <li key={to}>
                <PlaceLink to={to} label={label} icon={icon} count={to === 'inbox' ? pending : null} />
              </li>
            ))}
          </ul>
        </div>
      ))}
      <PlaceLink to="settings" label="Settings" icon="settings" />
    </>
  );
}

function PlaceLink({
  to,
  label,
  icon,
  count = null,
}: {
  to: string;
  label: string;
  icon: IconName;
  count?: string | null;
}): ReactNode {
  const slug = useSlug();
  return (
    <Link
      to={`/w/$slug/${to}` as '/w/$slug/inbox'}
      params={{ slug }}
      activeOptions={{ exact: to === '' }}
      className="flex min-h-8 items-center gap-2.5 rounded-doc px-2.5 py-1 text-[0.9375rem] text-rail-soft hover:bg-rail-lit hover:text-on-rail aria-[current=page]:bg-rail-lit aria-[current=page]:font-semibold aria-[current=page]:text-on-rail pointer-coarse:min-h-11"
    >
      <Icon name={icon} />
      <span className="flex-1">{label}</span>
      {count !== null && (
        <span className="rounded-full bg-brass px-1.5 text-xs leading-5 font-bold text-rail">
          {count}
          <span className="sr-only"> waiting</span>
        </span>
      )}
    </Link>
  );
}

/** The places at the side of a wide screen. */
export function Rail(): ReactNode {
  return (
    <nav
      aria-label="Pages"
      className="rail hidden bg-rail px-2 py-4 text-on-rail lg:block tall:lg:sticky tall:lg:top-(--bar) tall:lg:h-[calc(100dvh-var(--bar))] tall:lg:overflow-y-auto"
    >
      <Places />
    </nav>
  );
}
