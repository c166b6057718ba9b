import pg from 'pg';

/** The store could not do its work: nothing was changed, or it is not known whether it was. A fault, so it refuses. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** Whether the database refused one statement's data (a constraint, a bad value, a row named twice), not the whole conversation. */
export function isAboutTheData(fault: unknown): boolean {
  return fault instanceof pg.DatabaseError && /^(21|22|23)/.test(fault.code ?? '');
}

/** Whether a row could not be written because another one has its key. */
export function isDuplicate(fault: unknown): boolean {
  return fault instanceof pg.DatabaseError && fault.code === '23505';
}

/** Turns what the driver throws into `StoreUnavailable`; faults about the data and everything else stay what they are. */
export function asStoreFault(fault: unknown): unknown {
  if (isAboutTheData(fault)) return fault;
  if (fault instanceof pg.DatabaseError) {
    return new StoreUnavailable(`The store refused a statement (${fault.code})`, { cause: fault });
  }
  if (isConnectionFault(fault)) return new StoreUnavailable('The store cannot be reached', { cause: fault });
  return fault;
}

/** Runs `work`, whose faults are then those of {@link asStoreFault}. */
export async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (fault) {
    throw asStoreFault(fault);
  }
}

function isConnectionFault(fault: unknown): boolean {
  if (!(fault instanceof Error)) return false;
  if (fault instanceof AggregateError) return fault.errors.some(isConnectionFault);
  const { code } = fault as { code?: string };
  if (code !== undefined && /^(ECONN|EPIPE|ENOTFOUND|ETIMEDOUT|EHOST|ENET|EAI_)/.test(code)) return true;
  return /^(Connection terminated|timeout expired|timeout exceeded|Query read timeout|Client has encountered|Cannot use a pool|Client was closed)/.test(
    fault.message,
  );
}
