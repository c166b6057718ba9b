import type { ServerSettings } from '../measure/database.ts';
import type { Machine } from '../measure/machine.ts';
import type { PartFigures } from '../processes/parts.ts';
import type { Scale } from '../scale.ts';
import type { ApprovalsResult } from '../scenarios/approvals.ts';
import type { CallsResult } from '../scenarios/calls.ts';
import type { LongResult } from '../scenarios/long.ts';
import type { ProfileResult } from '../scenarios/profile.ts';
import type { WorkspacesResult } from '../scenarios/workspaces.ts';

/** Everything one run of the benchmark has found, as it is written to bench/results/. */
export type BenchResult = {
  readonly command: string;
  readonly machine: Machine;
  readonly scale: Scale;
  readonly postgres: ServerSettings | undefined;
  /** Microseconds to make an 8 kB block durable where the embedded engine's data is. */
  readonly syncUs: number;
  readonly seconds: number;
  readonly calls?: readonly CallsResult[];
  readonly mcp?: readonly CallsResult[];
  readonly workspaces?: readonly WorkspacesResult[];
  readonly approvals?: readonly ApprovalsResult[];
  readonly parts?: readonly PartFigures[];
  readonly long?: readonly LongResult[];
  readonly profiles?: readonly ProfileResult[];
};
