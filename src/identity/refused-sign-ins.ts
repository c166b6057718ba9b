import { audit } from '../ledger/audit.ts';
import { guarded } from '../store/fault.ts';
import type { Store } from '../store/store.ts';
import { membershipsOf } from './person.ts';

type Refused = { count: number; readonly first: Date; last: Date; ip: string };

/** Addresses that are remembered at a time; further ones are only in the process's log. */
const ADDRESSES_MAX = 1_000;

/**
 * Sign-ins that were refused, counted by address, until `flush` enters them: one entry an account in the log of the
 * workspace it used last. Who guesses can so neither fill the log nor learn by the time whether an account is there.
 */
export class RefusedSignIns {
  readonly #store: Store;
  #byEmail = new Map<string, Refused>();

  constructor(store: Store) {
    this.#store = store;
  }

  note(email: string, ip: string): void {
    const at = this.#store.clock.now();
    const known = this.#byEmail.get(email);
    if (known !== undefined) {
      known.count += 1;
      known.last = at;
      known.ip = ip;
    } else if (this.#byEmail.size < ADDRESSES_MAX) this.#byEmail.set(email, { count: 1, first: at, last: at, ip });
  }

  /** Enters what was counted. What cannot be entered is counted on. */
  async flush(): Promise<void> {
    const counted = this.#byEmail;
    this.#byEmail = new Map();
    for (const [email, refused] of counted) {
      try {
        await this.#enter(email, refused);
        counted.delete(email);
      } catch (fault) {
        for (const [address, kept] of counted) this.#keep(address, kept);
        throw fault;
      }
    }
  }

  #keep(email: string, kept: Refused): void {
    const since = this.#byEmail.get(email);
    if (since === undefined) this.#byEmail.set(email, kept);
    else this.#byEmail.set(email, { ...since, count: since.count + kept.count, first: kept.first });
  }

  async #enter(email: string, { count, first, last, ip }: Refused): Promise<void> {
    const user = await guarded(() =>
      this.#store.people.selectFrom('auth_users').select('id').where('email', '=', email).executeTakeFirst(),
    );
    if (user === undefined) return;
    const [home] = await membershipsOf(this.#store, user.id);
    if (home === undefined) return;
    await this.#store.withTenant(home.tenantId, (tx) =>
      audit(tx, {
        event_type: 'member.sign_in_refused',
        actor: { kind: 'visitor', id: 'unknown', ip },
        resource: { kind: 'member', id: user.id },
        outcome: 'refused',
        data: { count, first_at: first.toISOString(), last_at: last.toISOString() },
      }),
    );
  }
}
