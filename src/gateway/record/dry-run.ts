import type { Call, DryRun } from '../call.ts';
import type { Deps } from '../deps.ts';
import type { Facts } from '../facts/facts.ts';
import type { Ruling } from '../rule/ruling.ts';
import { dryRunWrite } from './writes.ts';

/**
 * Whether a call is answered with what would become of it. Who has no valid token, or cannot be read, is refused as
 * always.
 */
export function isDryRun({ dryRun }: Call, ruling: Ruling): boolean {
  if (dryRun !== true) return false;
  return ruling.outcome !== 'deny' || (ruling.refusal.step !== 'authenticate' && ruling.refusal.step !== 'payload');
}

/** Writes the one entry that a dry run leaves. Undefined where the facts have moved, and it is to be ruled on again. */
export async function recordDryRun(deps: Deps, call: Call, facts: Facts, ruling: Ruling): Promise<DryRun | undefined> {
  const said = await deps.store.write(dryRunWrite(call, facts, ruling, deps.store.clock.now()));
  if (!said.ok) return undefined;
  const { outcome, policy } = ruling;
  if (outcome === 'deny') {
    return { kind: 'dry_run', policy, rule: null, ruleFault: null, outcome: ruling.refusal };
  }
  return { kind: 'dry_run', policy, rule: ruling.rule, ruleFault: ruling.ruleFault, outcome };
}
