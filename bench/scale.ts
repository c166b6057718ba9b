import type { Until } from './load/drive.ts';

/** How long and how often everything is measured. */
export type Scale = {
  readonly connections: readonly number[];
  readonly repeats: number;
  /** Calls that warm a process up before its first window, and the time after which that is enough. */
  readonly warmUp: Until;
  readonly warmMs: number;
  readonly windowMs: number;
  readonly workspaces: number;
  readonly workspacesRepeats: number;
  readonly workspacesWindowMs: number;
  readonly approvals: number;
  readonly partMs: number;
  readonly sequencerEntries: number;
  /** The long run is made of 20 slices of so many calls. */
  readonly longSliceCalls: number;
};

/** Under ten minutes, half of that on a machine of its own. */
export const FULL: Scale = {
  connections: [1, 32, 128],
  repeats: 5,
  warmUp: { forMs: 4_000 },
  warmMs: 200,
  windowMs: 2_500,
  workspaces: 500,
  workspacesRepeats: 3,
  workspacesWindowMs: 3_000,
  approvals: 1_000,
  partMs: 300,
  sequencerEntries: 10_000,
  longSliceCalls: 10_000,
};

/** About a minute: to see whether a change did anything, not to publish. */
export const QUICK: Scale = {
  connections: [1, 32, 128],
  repeats: 3,
  warmUp: { forMs: 2_500 },
  warmMs: 100,
  windowMs: 600,
  workspaces: 50,
  workspacesRepeats: 3,
  workspacesWindowMs: 600,
  approvals: 150,
  partMs: 40,
  sequencerEntries: 2_000,
  longSliceCalls: 1_000,
};

export const LONG_SLICES = 20;
/** At which load the profile is taken and the long run made. */
export const STEADY_CONNECTIONS = 32;
