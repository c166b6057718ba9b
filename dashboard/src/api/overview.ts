import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { ask, query } from './http.ts';
import { serverNow } from './server-clock.ts';
import type { KillSwitchView, Waiting } from './types.ts';

/** The calls that came in one hour, by how they stand now. */
export type HourOfCalls = {
  readonly hour: string;
  readonly executed: number;
  readonly held: number;
  readonly refused: number;
  readonly failed: number;
  readonly unknown: number;
};
export type Refusals = { readonly step: string; readonly code: string; readonly count: number };

/** The workspace at a glance, over the last hours. */
export type Overview = {
  readonly from: string;
  readonly to: string;
  readonly calls: readonly HourOfCalls[];
  readonly refusals: readonly Refusals[];
  readonly decisions: { readonly count: number; readonly median_ms: number | null };
  readonly stopped: readonly KillSwitchView[];
  /** The last verification of the chain that somebody made; null when nobody has. */
  readonly chain: { readonly verified_at: string; readonly verified_by: string; readonly ok: boolean } | null;
};

export type FoundKind = 'client' | 'tool' | 'connector' | 'member' | 'approval' | 'execution';
/** Something that a search by name has found. */
export type Found = {
  readonly kind: FoundKind;
  readonly id: string;
  readonly title: string;
  readonly subtitle: string | null;
  readonly status: string | null;
};

const MOMENT_MS = 250;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SEARCH_MAX = 200;

export const waitingQuery = (ws: string) =>
  queryOptions({
    queryKey: [ws, 'approvals', 'count'],
    queryFn: ({ signal }) => ask<Waiting>('/v1/approvals/count', { workspace: ws, signal }),
    // One whose time is over waits no more, and nothing has to happen for that.
    refetchInterval: ({ state }) => {
      const at = state.data?.next_change_at ?? null;
      return at === null ? false : Math.max(MOMENT_MS, Math.min(Date.parse(at) - serverNow(), HOUR_MS));
    },
  });

/** Counts over `hours`; read again each minute, and not with every event of a busy workspace. */
export const overviewQuery = (ws: string, hours: number) =>
  queryOptions({
    queryKey: [ws, 'overview', hours],
    queryFn: ({ signal }) => ask<Overview>(`/v1/overview${query({ hours })}`, { workspace: ws, signal }),
    refetchInterval: MINUTE_MS,
    placeholderData: keepPreviousData,
  });

export const searchQuery = (ws: string, text: string) =>
  queryOptions({
    queryKey: [ws, 'search', text],
    queryFn: ({ signal }) =>
      ask<{ readonly items: readonly Found[] }>(`/v1/search${query({ q: text.slice(0, SEARCH_MAX) })}`, {
        workspace: ws,
        signal,
      }),
    enabled: text !== '',
    placeholderData: keepPreviousData,
  });
