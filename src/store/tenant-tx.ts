import type { Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** A transaction inside one workspace. Row level security shows it that workspace and nothing else. */
export type TenantTx = {
  readonly tenantId: string;
  readonly db: Transaction<Tables>;
  /** When the transaction began, by the database's clock. */
  readonly at: Date;
};
