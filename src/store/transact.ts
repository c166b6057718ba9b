import { isRefused, type Problem, type Refusal } from '../kernel/codes.ts';
import type { Store, TenantTx } from './store.ts';

/** Carries a refusal out of a transaction so that it rolls back. Never leaves this file. */
class RolledBack extends Error {
  readonly answer: Refusal | Problem;
  constructor(answer: Refusal | Problem) {
    super(answer.code);
    this.answer = answer;
  }
}

/** Runs a verb in one transaction inside a workspace. A verb that says no leaves nothing behind. */
export async function transact<T>(
  store: Store,
  tenantId: string,
  verb: (tx: TenantTx) => Promise<T | Refusal | Problem>,
): Promise<T | Refusal | Problem> {
  try {
    return await store.withTenant(tenantId, async (tx) => {
      const answer = await verb(tx);
      if (isRefused(answer)) throw new RolledBack(answer);
      return answer;
    });
  } catch (fault) {
    if (fault instanceof RolledBack) return fault.answer;
    throw fault;
  }
}
