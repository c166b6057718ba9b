import { audit } from '../ledger/audit.ts';
import { countedData, type Fold, Tally } from '../ledger/tally.ts';
import { guarded } from '../store/fault.ts';
import type { Store } from '../store/store.ts';
import { membershipsOf } from './person.ts';

/** Addresses that are remembered at a time; further ones are only in the process's log. */
const ADDRESSES_MAX = 1_000;

/**
 * Sign-ins that were refused, counted by address, until `flush` enters them: one entry an account in the log of the
 * workspace it used last. Who guesses can so neither fill the log nor learn by the time whether an account is there.
 */
export class RefusedSignIns {
  readonly #store: Store;
  /** Keyed by the address; what is kept of the last is where it came from. */
  readonly #byEmail = new Tally<string>(ADDRESSES_MAX);

  constructor(store: Store) {
    this.#store = store;
  }

  note(email: string, ip: string): void {
    this.#byEmail.count(email, ip, this.#store.clock.now());
  }

  /** Enters what was counted. What cannot be entered is counted on. */
  async flush(): Promise<void> {
    const counted = [...this.#byEmail.take()];
    for (const [nth, [email, fold]] of counted.entries()) {
      try {
        await this.#enter(email, fold);
      } catch (fault) {
        for (const [address, kept] of counted.slice(nth)) this.#byEmail.add(address, kept);
        throw fault;
      }
    }
  }

  async #enter(email: string, fold: Fold<string>): Promise<void> {
    const user = await guarded(() =>
      this.#store.people.selectFrom('auth_users').select('id').where('email', '=', email).executeTakeFirst(),
    );
    if (user === undefined) return;
    const [home] = await membershipsOf(this.#store, user.id);
    if (home === undefined) return;
    await this.#store.withTenant(home.tenantId, (tx) =>
      audit(tx, {
        event_type: 'member.sign_in_refused',
        actor: { kind: 'visitor', id: 'unknown', ip: fold.last },
        resource: { kind: 'member', id: user.id },
        outcome: 'refused',
        data: countedData(fold),
      }),
    );
  }
}
