import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Dialog } from '../components/dialog.tsx';
import { Icon, type IconName } from '../components/icon.tsx';
import { useMay, useSlug } from '../workspace.tsx';
import { usePending } from './pending.ts';
import { Person } from './person.tsx';
import { Places } from './rail.tsx';

const ITEM =
  'relative flex w-full flex-col items-center gap-0.5 px-1 py-2 text-xs text-rail-soft aria-[current=page]:font-semibold aria-[current=page]:text-on-rail';

/** The bar at a phone's thumb. It makes room for a decision's own bar, and for the page where the screen is low. */
export function PhoneBar({ onMenu }: { onMenu: () => void }): ReactNode {
  const slug = useSlug();
  const may = useMay();
  const pending = usePending();
  const places: readonly (readonly [to: string, label: string, icon: IconName])[] = [
    ['inbox', 'Inbox', 'inbox'],
    ['activity', 'Activity', 'activity'],
    ['', 'Home', 'home'],
  ];
  return (
    <nav aria-label="Main pages" className="phone-bar rail inset-x-0 bottom-0 z-20 bg-rail text-on-rail">
      <ul className="grid auto-cols-fr grid-flow-col pb-[env(safe-area-inset-bottom)]">
        {places.map(([to, label, icon]) => (
          <li key={to}>
            <Link
              to={`/w/$slug/${to}` as '/w/$slug/inbox'}
              params={{ slug }}
              activeOptions={{ exact: to === '' }}
              className={ITEM}
            >
              <Icon name={icon} />
              {label}
              {to === 'inbox' && pending !== null && (
                <span className="absolute top-0.5 left-[calc(50%+0.375rem)] rounded-full bg-brass px-1.5 text-[0.6875rem] leading-4.5 font-bold text-rail">
                  {pending}
                  <span className="sr-only"> waiting</span>
                </span>
              )}
            </Link>
          </li>
        ))}
        {may('kill_switches.manage') && (
          <li>
            <Link to="/w/$slug/kill-switches" params={{ slug }} search={{ flip: 'workspace' }} className={ITEM}>
              <Icon name="stop" />
              Stop
            </Link>
          </li>
        )}
        <li>
          <button type="button" onClick={onMenu} className={ITEM}>
            <Icon name="menu" />
            Menu
          </button>
        </li>
      </ul>
    </nav>
  );
}

/** Every page, and oneself, on a phone. */
export function Menu({ open, onClose, onHelp }: { open: boolean; onClose: () => void; onHelp: () => void }): ReactNode {
  return (
    <Dialog open={open} onClose={onClose} title="Menu">
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: closes it after a link inside was followed, by key or by thumb */}
      <div onClick={({ target }) => target instanceof Element && target.closest('a, [data-closes]') && onClose()}>
        <nav aria-label="All pages" className="rail rounded-doc bg-rail p-2 text-on-rail">
          <Places />
        </nav>
        <div className="pt-4">
          <Person onHelp={onHelp} />
        </div>
      </div>
    </Dialog>
  );
}
