import { clientNetwork } from '../../identity/client-network.ts';
import { deny, type Refusal } from '../../kernel/codes.ts';
import type { RateLimiter, Take } from '../../limits/rate-limiter.ts';
import type { DatabaseClock } from '../../store/clock.ts';
import type { Call, Caller, Token } from '../call.ts';
import type { Facts } from '../facts/facts.ts';
import type { Callers, TokenHolder } from './callers.ts';

/** Of tokens that nobody has, one network may show this many a minute; more are looked up only many at once. */
export const UNKNOWN_PER_MINUTE = 60;
/** What a token that was revoked or has expired may still ask. */
export const ENDED_PER_MINUTE = 60;
/** What a member may try out. */
export const TRIES_PER_MINUTE = 60;
/** Beside its calls, which have a limit of their own, a client may ask this often what it may do. */
export const READS_PER_MINUTE = 600;
/** How old a limit may be that a call is refused by. */
const LIMIT_MAX_AGE_MS = 1_000;

/** What a call has taken of its limit, and under which key. */
type Taken = { readonly key: string; readonly rate: Take };

/** A call that is let in, and whose it is. */
export type Admitted = { readonly kind: 'admitted'; readonly caller: Caller; readonly taken?: Taken };
/** A call that is not let in. Whose it is, is known where it is over a limit of its own. */
export type NotAdmitted = Refusal & { readonly caller?: Caller; readonly taken?: Taken };
export type Admission = Admitted | NotAdmitted;

/**
 * The first verb of a governed call: whose is it, and does this caller ask too often. It stands before everything that is
 * looked up, kept or written for a caller, so that none of that can be had without limit.
 */
export class Admittance {
  readonly #callers: Callers;
  readonly #limiter: RateLimiter;
  readonly #clock: DatabaseClock;

  constructor(callers: Callers, limiter: RateLimiter, clock: DatabaseClock) {
    this.#callers = callers;
    this.#limiter = limiter;
    this.#clock = clock;
  }

  /** Lets a call in, or not. What is remembered is answered at once. */
  admit({ credential, via, ip }: Call): Admission | Promise<Admission> {
    // What people have decided was let in when it asked.
    if (via === 'approval' && credential.kind !== 'token') return { kind: 'admitted', caller: credential };
    if (credential.kind !== 'token') {
      const key =
        credential.kind === 'member' ? `member:${credential.tenantId}:${credential.userId}` : credential.clientId;
      return this.#take(credential, key, TRIES_PER_MINUTE);
    }
    const holder = this.holder(credential, ip);
    return holder instanceof Promise
      ? holder.then((found) => this.#admitHolder(credential, found))
      : this.#admitHolder(credential, holder);
  }

  /** Whose token it is; a refusal when that is nobody's, of another kind when its network has shown too many of those. */
  holder({ sha256 }: Token, ip: string | undefined): TokenHolder | Refusal | Promise<TokenHolder | Refusal> {
    if (sha256 === null) return deny('unauthenticated');
    const known = this.#callers.remembered(sha256);
    if (known !== undefined && known !== null) return known;
    const network = `unknown:${clientNetwork(ip ?? '')}`;
    if (known === null) return this.#countUnknown(network);
    // A node that has just started has seen nobody yet, and all may come from one network: somebody's token is found
    // however many strangers show theirs.
    const read = this.#limiter.hasRoom(network, UNKNOWN_PER_MINUTE)
      ? this.#callers.read(sha256)
      : this.#callers.readAmongMany(sha256);
    return read.then((found) => found ?? this.#countUnknown(network));
  }

  /**
   * Whose live token it is, read now: for everything but calls, which are held against the present when they are
   * recorded. A client may ask so many times a minute.
   */
  async identify(token: Token, ip: string | undefined): Promise<TokenHolder | Refusal> {
    const askedMs = performance.now();
    const known = await this.holder(token, ip);
    if ('kind' in known) return known;
    const rate = await this.#limiter.take(`read:${known.caller.clientId}`, READS_PER_MINUTE);
    if (!rate.allowed) return tooMany(rate);
    const holder = known.readMs >= askedMs ? known : await this.#callers.read(token.sha256!);
    if (holder === null) return deny('unauthenticated');
    if (this.isLive(holder)) return holder;
    return holder.isRevoked ? deny('unauthenticated') : deny('token_expired');
  }

  /** Whether a token that was shown before is live, read now. */
  async isLiveNow({ sha256 }: Token): Promise<boolean> {
    const holder = sha256 === null ? null : await this.#callers.read(sha256);
    return holder !== null && this.isLive(holder);
  }

  /** Whether a call was let in by another limit than its facts tell: one of them was changed since it was read. */
  isByOtherLimit({ taken }: Admitted, { client }: Facts): boolean {
    return client !== undefined && taken !== undefined && taken.rate.limitPerMinute !== client.rpmLimit;
  }

  /** Holds a call that was let in against the limit that its facts, read anew, tell; its next call meets that at once. */
  async again({ credential }: Call, { caller, taken }: Admitted, { client }: Facts): Promise<NotAdmitted | undefined> {
    if (client === undefined || taken === undefined) return undefined;
    if (credential.kind === 'token') this.forget(credential);
    const rate = await this.#limiter.check(taken.key, client.rpmLimit);
    return rate.allowed ? undefined : overLimit(caller, { key: taken.key, rate });
  }

  #admitHolder(credential: Token, holder: TokenHolder | Refusal): Admission | Promise<Admission> {
    if ('kind' in holder) return holder;
    const { caller } = holder;
    // Whoever has no valid token learns nothing, also not of a limit.
    if (!this.isLive(holder)) return this.#ended(holder).then((tooOften) => tooOften ?? { kind: 'admitted', caller });
    const admission = this.#take(caller, caller.clientId, holder.rpmLimit);
    if (admission instanceof Promise) return admission.then((one) => this.#believed(credential, holder, one));
    return this.#believed(credential, holder, admission);
  }

  async #ended({ caller }: TokenHolder): Promise<NotAdmitted | undefined> {
    const rate = await this.#limiter.take(`ended:${caller.tokenId}`, ENDED_PER_MINUTE);
    return rate.allowed ? undefined : { ...tooMany(rate), caller };
  }

  /** A refusal by a limit that was raised meanwhile is not given: now and then the limit is read anew. */
  #believed(credential: Token, holder: TokenHolder, admission: Admission): Admission | Promise<Admission> {
    if (admission.kind === 'admitted' || performance.now() - holder.readMs < LIMIT_MAX_AGE_MS) return admission;
    return this.#callers.read(credential.sha256!).then((now) => {
      if (now === null || now.rpmLimit === holder.rpmLimit) return admission;
      return this.#take(now.caller, now.caller.clientId, now.rpmLimit);
    });
  }

  /** What is remembered of a token was wrong; it is read anew when it is shown again. */
  forget({ sha256 }: Token): void {
    if (sha256 !== null) this.#callers.forget(sha256);
  }

  isLive({ isRevoked, expiresAt }: TokenHolder): boolean {
    return !isRevoked && (expiresAt === null || expiresAt > this.#clock.now());
  }

  #take(caller: Caller, key: string, limitPerMinute: number): Admission | Promise<Admission> {
    const rate = this.#limiter.take(key, limitPerMinute);
    return rate instanceof Promise ? rate.then((taken) => judge(caller, key, taken)) : judge(caller, key, rate);
  }

  #countUnknown(network: string): Refusal | Promise<Refusal> {
    const rate = this.#limiter.take(network, UNKNOWN_PER_MINUTE);
    return rate instanceof Promise ? rate.then(refuseUnknown) : refuseUnknown(rate);
  }
}

function refuseUnknown(rate: Take): Refusal {
  return rate.allowed ? deny('unauthenticated') : tooMany(rate);
}

function judge(caller: Caller, key: string, rate: Take): Admission {
  const taken = { key, rate };
  return rate.allowed ? { kind: 'admitted', caller, taken } : overLimit(caller, taken);
}

function overLimit(caller: Caller, taken: Taken): NotAdmitted {
  return { ...tooMany(taken.rate), caller, taken };
}

/** The refusal of whoever asks more often than its limit allows. */
export function tooMany(rate: Take): Refusal {
  const { retryAfterSeconds } = rate;
  const resets_at = new Date(Date.now() + retryAfterSeconds * 1000).toISOString();
  return { ...deny('rate_limited'), retryAfterSeconds, remedy: { resets_at } };
}
