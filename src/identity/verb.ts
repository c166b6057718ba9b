import type { Actor } from '../kernel/actor.ts';
import type { TenantTx } from '../store/store.ts';

/** What every verb is given: one transaction inside one workspace, and who acts. Permission was checked before. */
export type Verb = { readonly tx: TenantTx; readonly actor: Actor };
