import { useEffect, useState } from 'react';

/** How long somebody must stop typing before a search is sent. */
export const TYPING_MS = 250;

/** A value as it was when it last stood still. */
export function useDebounced<T>(value: T, ms = TYPING_MS): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}
