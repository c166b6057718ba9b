import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react';
import { Icon } from '../components/icon.tsx';

/** Something to do about what was said: a word or two, and what pressing it does. */
export type ToastAction = { readonly label: string; readonly act: () => void };

type Said = { readonly text: string; readonly nth: number; readonly seen: boolean; readonly action?: ToastAction };
type Speaker = {
  readonly announce: (text: string) => void;
  readonly toast: (text: string, action?: ToastAction) => void;
};

const AnnounceContext = createContext<Speaker>({ announce: () => {}, toast: () => {} });
const SEEN_MS = 6_000;
const SEEN_WITH_ACTION_MS = 20_000;

/**
 * One polite live region for the whole page: what happened. Announcements are only heard; toasts are heard and seen.
 * A toast goes by itself, and stays while the pointer or the focus is on it.
 */
export function AnnounceProvider({ children }: { children: ReactNode }): ReactNode {
  const [said, setSaid] = useState<Said>({ text: '', nth: 0, seen: false });
  const [held, setHeld] = useState(false);
  const say = useCallback((text: string, seen: boolean, action?: ToastAction) => {
    setHeld(false);
    setSaid(({ nth }) => ({ text, nth: nth + 1, seen, ...(action && { action }) }));
  }, []);
  const speaker = useMemo<Speaker>(
    () => ({ announce: (text) => say(text, false), toast: (text, action) => say(text, true, action) }),
    [say],
  );
  const hide = useCallback(() => {
    setHeld(false);
    setSaid((now) => ({ text: now.text, nth: now.nth, seen: false }));
  }, []);
  const { nth, seen, action } = said;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the time begins anew with every text, also with the same one
  useEffect(() => {
    if (!seen || held) return;
    const timer = setTimeout(hide, action ? SEEN_WITH_ACTION_MS : SEEN_MS);
    return () => clearTimeout(timer);
  }, [nth, seen, held, action, hide]);
  return (
    <AnnounceContext value={speaker}>
      {children}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it only notices that somebody is reading */}
      <div
        data-toast={seen || undefined}
        className={
          seen
            ? 'fixed inset-x-3 bottom-24 z-[60] mx-auto flex w-fit max-w-lg items-center gap-3 rounded-doc border border-rail-lit bg-rail py-2 pr-2 pl-4 text-on-rail shadow-sheet lg:bottom-6'
            : 'sr-only'
        }
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
        onFocus={() => setHeld(true)}
        onBlur={() => setHeld(false)}
      >
        <p role="status" aria-live="polite" data-announced className="min-w-0 py-1 wrap-anywhere">
          {said.text}
        </p>
        {action && (
          <button
            type="button"
            className="min-h-8 shrink-0 rounded-doc px-2 font-semibold text-brass underline"
            onClick={() => {
              hide();
              action.act();
            }}
          >
            {action.label}
          </button>
        )}
        {seen && (
          <button
            type="button"
            aria-label="Hide this message"
            className="grid size-8 shrink-0 place-items-center rounded-doc hover:bg-rail-lit"
            onClick={hide}
          >
            <Icon name="cross" size={16} />
          </button>
        )}
      </div>
    </AnnounceContext>
  );
}

/** Says something to those who cannot see it happen. */
export function useAnnounce(): (text: string) => void {
  return useContext(AnnounceContext).announce;
}

/** Says what was done, to everybody: such as that a change was saved. */
export function useToast(): (text: string, action?: ToastAction) => void {
  return useContext(AnnounceContext).toast;
}
