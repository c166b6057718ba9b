/** Who did something, as audit entries name them. Ids only: names and addresses stay out of the log. */
export type Actor = {
  readonly kind: 'member' | 'client' | 'agent' | 'visitor' | 'system';
  readonly id: string;
  /** The sign-in the person used, never its token. */
  readonly session?: string;
  readonly ip?: string;
  /** The request it was done in, and the trace that request is part of. Entries name both beside the actor. */
  readonly requestId?: string;
  readonly traceId?: string;
};

/** What the product does by itself: sweeping, sequencing, setting up. */
export const SYSTEM: Actor = { kind: 'system', id: 'countersign' };
