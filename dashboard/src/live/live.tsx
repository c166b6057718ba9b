import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef, useState } from 'react';
import { FAMILIES, meQuery } from '../api/queries.ts';
import type { LiveEvent, StreamState } from './follow.ts';
import { followTogether } from './together.ts';

type Listener = (event: LiveEvent) => void;
type Live = { readonly state: StreamState; subscribe(listener: Listener): () => void };

const LiveContext = createContext<Live>({ state: 'connecting', subscribe: () => () => {} });

/** A busy workspace tells many events a second; what is on screen is read again at most this often. */
const GATHER_MS = 300;
/** Lists do not change under the cursor: they say how much is new, and are read again when asked. */
const STILL_LISTS = new Set(['approvals', 'calls', 'audit']);

type Props = { readonly workspace: string; readonly userId: string; readonly children: ReactNode };

/** Follows the workspace's events for everything on the page, and refreshes what they touch. */
export function LiveProvider({ workspace, userId, children }: Props): ReactNode {
  const client = useQueryClient();
  const [state, setState] = useState<StreamState>('connecting');
  const listeners = useRef(new Set<Listener>());
  const [attempt, setAttempt] = useState(0);
  const isOff = useRef(false);
  isOff.current = state === 'off';
  const { dataUpdatedAt } = useQuery(meQuery);
  // Who is signed in was read anew: after signing in again the stream may be followed again.
  useEffect(() => {
    if (dataUpdatedAt > 0 && isOff.current) setAttempt((before) => before + 1);
  }, [dataUpdatedAt]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt follows anew
  useEffect(() => {
    const stop = new AbortController();
    const touched = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const refresh = (): void => {
      timer = undefined;
      for (const family of touched) {
        void client.invalidateQueries({
          queryKey: [workspace, family],
          predicate: ({ queryKey }) => !(STILL_LISTS.has(family) && queryKey[2] === 'list'),
        });
      }
      touched.clear();
    };
    void followTogether(workspace, userId, stop.signal, {
      state: setState,
      ready(_seq, lost) {
        if (lost) void client.invalidateQueries({ queryKey: [workspace] });
      },
      event(event) {
        for (const family of FAMILIES[event.event_type.split('.')[0] ?? ''] ?? []) touched.add(family);
        timer ??= setTimeout(refresh, GATHER_MS);
        for (const listener of listeners.current) listener(event);
      },
    });
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [client, workspace, userId, attempt]);

  const live = useMemo<Live>(
    () => ({
      state,
      subscribe(listener) {
        listeners.current.add(listener);
        return () => listeners.current.delete(listener);
      },
    }),
    [state],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

export function useStreamState(): StreamState {
  return useContext(LiveContext).state;
}

/** Calls the listener for each event while the component is there. */
export function useLiveEvents(listener: Listener): void {
  const { subscribe } = useContext(LiveContext);
  const latest = useRef(listener);
  useEffect(() => {
    latest.current = listener;
  });
  useEffect(() => subscribe((event) => latest.current(event)), [subscribe]);
}
