import type { Take } from '../limits/rate-limiter.ts';
import type { Admitted } from './admit/admit.ts';

/** What is learned on the way of a request, and its answer or its next part needs. */
export type Progress = { rate?: Take; tenantId?: string; admitted?: Admitted };
