import { useState } from 'react';

const PREFIX = 'countersign.kept.';

/**
 * A text that outlives its page: it is kept for this tab until it is used, so that neither an ended session nor a
 * reload loses it. Without storage it lives as long as the page.
 */
export function useKept(name: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => read(name));
  return [
    text,
    (next) => {
      setText(next);
      try {
        if (next === '') sessionStorage.removeItem(PREFIX + name);
        else sessionStorage.setItem(PREFIX + name, next);
      } catch {
        // It is still on screen.
      }
    },
  ];
}

function read(name: string): string {
  try {
    return sessionStorage.getItem(PREFIX + name) ?? '';
  } catch {
    return '';
  }
}
