import { useRouter } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { pageTitle, usePageTitle } from '../title.ts';
import { useHere } from '../workspace.tsx';
import { usePending } from './pending.ts';

const TYPING = 'input, textarea, select, [contenteditable]';

/**
 * What a browser does for a new document, done for a new page: the tab is named, with how many approvals wait, the focus
 * goes to the page's heading, and screen readers are told its name. A part of a page that opens beside a list takes the
 * focus instead where it is marked with `data-arrive`.
 */
export function Arrival(): ReactNode {
  const { workspace } = useHere();
  const title = usePageTitle();
  const pending = usePending();
  const router = useRouter();
  // A region of its own: what was just announced, such as that a change was saved, is not to be replaced.
  const [arrived, setArrived] = useState('');

  useEffect(() => {
    const page = title === '' ? workspace.name : `${title} · ${workspace.name}`;
    document.title = `${pending === null ? '' : `(${pending}) `}${page} · Countersign`;
  }, [title, pending, workspace.name]);

  useEffect(
    () =>
      router.subscribe('onRendered', ({ fromLocation, pathChanged }) => {
        // The first page is the browser's to tell of.
        if (fromLocation === undefined || !pathChanged) return;
        focusPage();
        setArrived(pageTitle());
      }),
    [router],
  );
  return (
    <p role="status" data-arrived className="sr-only">
      {arrived}
    </p>
  );
}

function focusPage(): void {
  const main = document.getElementById('main');
  const { activeElement } = document;
  // A page that asks for something has put the cursor there; a dialog holds the focus until it is closed.
  if (main === null || (activeElement?.matches(TYPING) && main.contains(activeElement))) return;
  if (document.querySelector('[role="dialog"]')) return;
  const parts = [...main.querySelectorAll<HTMLElement>('[data-arrive]')].filter((part) => part.checkVisibility());
  const goal = parts.at(-1) ?? main.querySelector<HTMLElement>('h1') ?? main;
  if (parts.some((part) => part.contains(activeElement))) return;
  if (!goal.hasAttribute('tabindex')) goal.tabIndex = -1;
  goal.focus({ preventScroll: goal !== parts.at(-1) });
}
