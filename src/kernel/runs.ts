/**
 * What a call says of itself beside its arguments: the run it belongs to, and whom it is made for. Both are part of the
 * envelope and never sent to the upstream. What a caller writes there it claims; nobody has checked it.
 */
export type About = {
  /** One task of one agent: a conversation, a job, a session. Its caller's own: those of two clients never meet. */
  readonly runId?: string;
  /** The person or system that the caller acts for, as the caller knows them. */
  readonly onBehalfOf?: string;
};

export const RUN_ID = '^[\\x21-\\x7e]{1,128}$';
const RUN = new RegExp(RUN_ID);
export const RUN_ID_MAX = 128;
export const ON_BEHALF_OF_MAX = 256;
/** No control characters, marks that turn or hide text, or line ends. */
const WHOM = new RegExp(`^[^\\p{C}\\p{Zl}\\p{Zp}]{1,${ON_BEHALF_OF_MAX}}$`, 'u');

export function isRunId(value: unknown): value is string {
  return typeof value === 'string' && RUN.test(value);
}

export function isOnBehalfOf(value: unknown): value is string {
  return typeof value === 'string' && WHOM.test(value);
}

/** The id of an MCP session, with what its client can do: the run of what comes in it and names none. */
export const SESSION_ID = /^s1-(u?)(s?)(e?)(r?)-[A-Za-z0-9_-]{22}$/;

/** What is wrong with one that is none. */
export const NO_RUN_ID = 'must be 1 to 128 visible ASCII characters';
export const NO_ON_BEHALF_OF = 'must be a line of 1 to 256 characters';

/** A word that the results of a tool put on the run that reads them, such as `untrusted`. */
export const LABEL = '^[a-z][a-z0-9_-]{0,31}$';
/** How many one tool may put on a run, and how many different ones the tools of a workspace may have together. */
export const TOOL_LABELS_MAX = 8;
export const WORKSPACE_LABELS_MAX = 64;
