import { Outlet } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { subscribeAgain } from '../pages/settings/push-subscribe.ts';
import { useHere } from '../workspace.tsx';
import { Arrival } from './arrival.tsx';
import { Banner } from './banner.tsx';
import { useKeys, useListKeys } from './keyboard.tsx';
import { KeyboardHelp } from './keyboard-help.tsx';
import { OfflineBanner } from './offline-banner.tsx';
import { Palette } from './palette.tsx';
import { Menu, PhoneBar } from './phone-bar.tsx';
import { Rail } from './rail.tsx';
import { SignedOutBanner } from './signed-out-banner.tsx';
import { TimeTip } from './time-tip.tsx';
import { TopBar } from './top-bar.tsx';

/** The frame of every page in a workspace. */
export function Shell(): ReactNode {
  const [open, setOpen] = useState<'help' | 'menu' | 'search' | null>(null);
  const close = (): void => setOpen(null);
  useKeys({ '?': () => setOpen('help') });
  useListKeys();
  const { me, workspace } = useHere();
  useEffect(() => void subscribeAgain(workspace.slug, me.user.id), [workspace.slug, me.user.id]);
  return (
    <div className="min-h-dvh">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:bg-sheet focus:p-3"
      >
        Skip to the page
      </a>
      <TopBar onSearch={() => setOpen('search')} onHelp={() => setOpen('help')} onMenu={() => setOpen('menu')} />
      <div className="lg:grid lg:grid-cols-[12.5rem_minmax(0,1fr)]">
        <Rail />
        <div className="page-column min-w-0">
          <OfflineBanner />
          <SignedOutBanner />
          <Banner />
          <main id="main" tabIndex={-1} className="mx-auto max-w-[88rem] px-3 py-4 outline-none sm:px-6 lg:py-6">
            <Outlet />
          </main>
        </div>
      </div>
      <PhoneBar onMenu={() => setOpen('menu')} />
      <Menu open={open === 'menu'} onClose={close} onHelp={() => setOpen('help')} />
      <Palette open={open === 'search'} onOpen={() => setOpen('search')} onClose={close} />
      <KeyboardHelp open={open === 'help'} onClose={close} />
      <Arrival />
      <TimeTip />
    </div>
  );
}
