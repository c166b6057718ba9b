import type { Logger } from 'pino';
import type { Step } from '../kernel/codes.ts';

/** A verb of the dispatcher, or a step of its ruling. */
export type Stage = Step | 'admit' | 'facts' | 'record' | 'act' | 'settle';

/** Follows one call. Each stage took the time since the one before it, or since the call came in. */
export type Watch = {
  /** A stage is done. */
  lap(stage: Stage): void;
  /** The call is answered. */
  end(): void;
};

/** Makes the watch of a call, or none when nobody looks. Metrics, traces and logs are made from it. */
export type Observer = (call: { readonly executionId: string; readonly requestId?: string }) => Watch | undefined;

/** At log level debug each call has a line that says how long its stages took, in milliseconds. */
export function debugObserver(log: Logger): Observer {
  return ({ executionId, requestId }) => {
    const stages: Partial<Record<Stage, number>> = {};
    let lastMs = performance.now();
    return {
      lap(stage) {
        const nowMs = performance.now();
        stages[stage] = (stages[stage] ?? 0) + nowMs - lastMs;
        lastMs = nowMs;
      },
      end: () => log.debug({ executionId, requestId, stages }, 'a call was answered'),
    };
  };
}
