import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Icon } from '../components/icon.tsx';
import { SafeText } from '../components/safe-text.tsx';
import { useHere, useMay } from '../workspace.tsx';
import { Bell } from './bell.tsx';
import { LiveMark } from './live-mark.tsx';
import { Person, WorkspaceSwitcher } from './person.tsx';
import { Popup } from './popup.tsx';
import { Wordmark } from './wordmark.tsx';

const BUTTON =
  'relative inline-flex min-h-9 min-w-9 shrink-0 items-center justify-center gap-2 rounded-doc px-2 text-sm text-on-rail hover:bg-rail-lit pointer-coarse:min-h-11 pointer-coarse:min-w-11';

type Props = { readonly onSearch: () => void; readonly onHelp: () => void; readonly onMenu: () => void };

/** Over every page: where one is, the way to anything, what must be at hand, and who one is. */
export function TopBar({ onSearch, onHelp, onMenu }: Props): ReactNode {
  const { me, workspace } = useHere();
  const may = useMay();
  return (
    <header className="rail top-0 z-20 flex min-h-12 items-center gap-1 bg-rail px-2 py-1 text-on-rail tall:sticky sm:gap-2 sm:px-4">
      <Link to="/w/$slug" params={{ slug: workspace.slug }} aria-label="Countersign: home" className="shrink-0 py-1">
        <Wordmark />
      </Link>
      <div className="w-44 min-w-0 shrink lg:ml-4">
        <WorkspaceSwitcher />
      </div>
      <span className="flex-1" />
      <button type="button" onClick={onSearch} className={`${BUTTON} lg:border lg:border-rail-soft lg:pr-1.5`}>
        <Icon name="search" />
        <span className="max-lg:sr-only">Search</span>
        <kbd className="rounded-doc bg-rail-lit px-1.5 font-mono text-xs leading-6 text-rail-soft max-lg:hidden">
          {keyName()}
        </kbd>
      </button>
      {may('kill_switches.manage') && (
        <Link
          to="/w/$slug/kill-switches"
          params={{ slug: workspace.slug }}
          search={{ flip: 'workspace' }}
          className={`${BUTTON} border border-rail-soft font-semibold max-lg:hidden`}
        >
          <Icon name="stop" /> Stop
        </Link>
      )}
      <LiveMark />
      <Bell className={BUTTON} />
      <div className="max-lg:hidden">
        <Popup
          label="You"
          className={BUTTON}
          button={
            <>
              <Icon name="person" />
              <span className="sr-only">You: </span>
              <span className="max-w-36 truncate max-xl:sr-only">
                <SafeText text={me.user.name} />
              </span>
            </>
          }
        >
          <Person onHelp={onHelp} />
        </Popup>
      </div>
      <button type="button" onClick={onMenu} className={`${BUTTON} menu-button`}>
        <Icon name="menu" />
        <span className="sr-only">Menu</span>
      </button>
    </header>
  );
}

function keyName(): string {
  return /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘K' : 'Ctrl K';
}
