import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';

const AnnounceContext = createContext<(text: string) => void>(() => {});

/** One polite live region for the whole page: what happened, for those who cannot see it happen. */
export function AnnounceProvider({ children }: { children: ReactNode }): ReactNode {
  const [text, setText] = useState('');
  const announce = useCallback((next: string) => setText(next), []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <p role="status" aria-live="polite" data-announced className="sr-only">
        {text}
      </p>
    </AnnounceContext>
  );
}

export function useAnnounce(): (text: string) => void {
  return useContext(AnnounceContext);
}
