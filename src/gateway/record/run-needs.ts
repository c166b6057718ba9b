import type { Requires } from '../../store/flush/rows.ts';
import type { Call } from '../call.ts';
import type { Facts } from '../facts/facts.ts';
import { runKeys } from '../facts/run-of.ts';
import type { Go } from '../rule/ruling.ts';

/** What a ruling needs of labels on runs; undefined where it neither looked at any nor puts one on. */
export function runNeeds(
  call: Call,
  facts: Facts,
  { runLabels }: Pick<Go, 'runLabels'>,
  putsLabels: boolean,
): Requires['run'] | undefined {
  const labels = putsLabels ? facts.tool!.labels : [];
  if (runLabels === undefined && labels.length === 0) return undefined;
  const { read, write } = runKeys(call, facts);
  return {
    // Those of a draft are as they were when it was drafted.
    ...(runLabels !== undefined && { seen: runLabels, ...(facts.drafted === undefined && { read }) }),
    ...(labels.length > 0 && { write, labels }),
  };
}

/** The same of what puts none on: a refusal, or the answer of a dry run. */
export function ruledOnLabels(call: Call, facts: Facts): Pick<Requires, 'run'> {
  const { approval, drafted, runLabels } = facts;
  // A call that was held, or drafted, is ruled on the labels of then.
  if (runLabels === undefined || approval?.runLabels !== undefined || drafted !== undefined) return {};
  return { run: { read: runKeys(call, facts).read, seen: runLabels } };
}
