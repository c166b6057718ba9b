import { deny } from '../../../kernel/codes.ts';
import type { Call } from '../../call.ts';
import type { StepAnswer } from '../ruling.ts';

/** A request that was refused before anything else was read from it. */
export function payload({ unreadable }: Call): StepAnswer {
  return unreadable && deny(unreadable.code, unreadable.detail);
}
