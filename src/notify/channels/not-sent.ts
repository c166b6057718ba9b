import type { Unanswered } from '../../upstream/outcome.ts';

/** A notice did not arrive. The message says why, and holds no address. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
  /** There is nothing to send to any more, so it is not tried again. */
  readonly isFinal: boolean;

  constructor(message: string, { isFinal = false } = {}) {
    super(message);
    this.isFinal = isFinal;
  }
}

/** Why a request had no answer, in a sentence. */
export function refusalOf(end: Unanswered): string {
  if (end.kind === 'unknown') return end.reason;
  return end.kind === 'refused' ? end.detail : end.message;
}
