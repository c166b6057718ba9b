/** The one NOTIFY channel; `signals.ts` says what travels on it. */
export const SIGNAL_CHANNEL = 'countersign';
