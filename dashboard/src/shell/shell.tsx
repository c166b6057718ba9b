import { Link, Outlet } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Icon } from '../components/icon.tsx';
import { useStreamState } from '../live/live.tsx';
import { useHere, useSlug } from '../workspace.tsx';
import { Banner } from './banner.tsx';
import { useKeys } from './keyboard.tsx';
import { KeyboardHelp } from './keyboard-help.tsx';
import { Palette } from './palette.tsx';
import { usePending } from './pending.ts';
import { Person, WorkspaceSwitcher } from './person.tsx';
import { PLACES, type Place } from './places.ts';

/** The frame of every page in a workspace. */
export function Shell(): ReactNode {
  const [help, setHelp] = useState(false);
  useKeys({ '?': () => setHelp(true) });
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[13.5rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:bg-sheet focus:p-3"
      >
        Skip to the page
      </a>
      <Rail onHelp={() => setHelp(true)} />
      <div className="min-w-0 pb-20 lg:pb-0">
        <Banner />
        <main id="main" tabIndex={-1} className="mx-auto max-w-[88rem] px-3 py-4 outline-none sm:px-6 lg:py-6">
          <Outlet />
        </main>
      </div>
      <Palette />
      <KeyboardHelp open={help} onClose={() => setHelp(false)} />
    </div>
  );
}

function Rail({ onHelp }: { onHelp: () => void }): ReactNode {
  const [more, setMore] = useState(false);
  return (
    <div className="rail contents lg:sticky lg:top-0 lg:flex lg:h-dvh lg:flex-col lg:overflow-y-auto lg:bg-rail lg:text-on-rail">
      <header className="sticky top-0 z-20 flex items-center justify-between gap-3 bg-rail px-3 py-2 text-on-rail lg:static lg:block lg:px-4 lg:pt-5 lg:pb-3">
        <Wordmark />
        <div className="flex min-w-0 items-center gap-2 lg:mt-4 lg:block">
          <WorkspaceSwitcher />
          <StreamMark />
        </div>
      </header>
      <nav
        aria-label="Pages"
        className={`fixed inset-x-0 bottom-0 z-20 bg-rail text-on-rail lg:static lg:flex-1 lg:px-2 ${more ? 'max-lg:rounded-t-lg max-lg:shadow-sheet' : ''}`}
      >
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: closes the sheet after a link inside it was followed, by key or by thumb */}
        <ul
          className={`max-lg:grid max-lg:pb-[env(safe-area-inset-bottom)] ${more ? 'max-lg:grid-cols-2 max-lg:p-2' : 'max-lg:grid-cols-4'} lg:grid lg:gap-0.5`}
          onClick={() => setMore(false)}
        >
          {PLACES.map((place) => (
            <li key={place.to} className={place.small || more ? '' : 'max-lg:hidden'}>
              <PlaceLink place={place} beside={more} />
            </li>
          ))}
          <li className="lg:hidden">
            <button
              type="button"
              aria-expanded={more}
              onClick={(event) => {
                event.stopPropagation();
                setMore(!more);
              }}
              className={`flex w-full items-center gap-1 px-2 py-2 text-rail-soft ${more ? 'gap-2.5 px-3 text-sm' : 'flex-col text-xs'}`}
            >
              <Icon name={more ? 'cross' : 'more'} />
              {more ? 'Close' : 'More'}
            </button>
          </li>
        </ul>
        <div className={`max-lg:p-3 max-lg:pt-0 lg:hidden ${more ? '' : 'hidden'}`}>
          <Person onHelp={onHelp} />
        </div>
      </nav>
      <div className="hidden border-t border-rail-lit p-4 lg:block">
        <Person onHelp={onHelp} />
      </div>
    </div>
  );
}

function PlaceLink({ place: { to, label, icon }, beside }: { place: Place; beside: boolean }): ReactNode {
  const slug = useSlug();
  const pending = usePending();
  return (
    <Link
      to={`/w/$slug/${to}` as '/w/$slug/inbox'}
      params={{ slug }}
      className={`flex items-center rounded-doc text-rail-soft hover:text-on-rail aria-[current=page]:text-on-rail lg:flex-row lg:gap-2.5 lg:px-2.5 lg:py-1.5 lg:text-[0.9375rem] lg:hover:bg-rail-lit lg:aria-[current=page]:bg-rail-lit lg:aria-[current=page]:font-semibold ${beside ? 'gap-2.5 px-3 py-2.5 text-sm' : 'max-lg:flex-col max-lg:gap-0.5 max-lg:py-2 max-lg:text-xs'}`}
    >
      <Icon name={icon} />
      <span className="lg:flex-1">{label}</span>
      {to === 'inbox' && pending !== null && (
        <span
          className={`rounded-full bg-brass px-1.5 text-xs leading-5 font-bold text-rail ${beside ? '' : 'max-lg:absolute max-lg:ml-11 max-lg:-translate-y-1'}`}
        >
          {pending}
          <span className="sr-only"> waiting</span>
        </span>
      )}
    </Link>
  );
}

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

/** Whether what is on screen follows what happens. */
function StreamMark(): ReactNode {
  const state = useStreamState();
  const { workspace } = useHere();
  const words = { connecting: 'Connecting', live: 'Live', stale: 'Stale: reconnecting', off: 'Not live' }[state];
  return (
    <p role="status" data-stream={state} className="flex shrink-0 items-center gap-1.5 text-xs text-rail-soft lg:mt-2">
      <span
        aria-hidden="true"
        className={`size-2 rounded-full ${state === 'live' ? 'bg-brass' : 'border border-brass'}`}
      />
      <span className={state === 'live' ? 'max-lg:sr-only' : 'font-semibold text-brass'}>{words}</span>
      <span className="sr-only"> updates of {workspace.name}</span>
    </p>
  );
}
