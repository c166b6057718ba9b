/**
 * Every refusal Countersign can give, in one table: the step that gives it, its HTTP status and the
 * public sentence. The docs page and the OpenAPI problems are generated from here, so a code that is not
 * in this table cannot reach a caller.
 *
 * Codes are stable: clients switch on them. Sentences may be reworded.
 */
export const STEPS = [
  'authenticate',
  'tenant',
  'rate_limit',
  'payload',
  'kill_switch',
  'grant',
  'schema',
  'request',
  'guardrails',
  'policy',
  'budget',
  'prerequisites',
  'approval',
  'intent',
  'execute',
  'outcome',
] as const;

/** A step of one governed call, in the order the dispatcher takes them (gateway/rule/rule.ts has those that rule). */
export type Step = (typeof STEPS)[number];

/**
 * Whether the audit log has an entry for each refusal (many alike within a minute are one entry with their count), or
 * why it has none.
 */
export type Recorded = 'entry' | { readonly not: string };

type Row = { readonly status: number; readonly step: Step; readonly message: string; readonly recorded: Recorded };

const row = (status: number, step: Step, message: string, recorded: Recorded = 'entry'): Row => ({
  status,
  step,
  message,
  recorded,
});

export const REFUSALS = {
  unauthenticated: row(401, 'authenticate', 'A valid bearer token is required.', {
    not: 'whoever asks is unknown, and so is the workspace',
  }),
  token_revoked: row(401, 'authenticate', 'A valid bearer token is required.'),
  token_expired: row(401, 'authenticate', 'The token has expired. Rotate it or create a new one.'),
  password_change_required: row(
    403,
    'authenticate',
    'Others know this password. Change it first: until then it opens nothing else.',
    { not: 'the person is told to change it, and it concerns no workspace' },
  ),
  cross_tenant: row(403, 'tenant', 'You are not a member of that workspace.'),
  rate_limited: row(429, 'rate_limit', 'Too many calls. Retry after the time in Retry-After.'),
  invalid_payload: row(400, 'payload', 'The request body is not acceptable JSON.'),
  payload_too_large: row(413, 'payload', 'The body is larger than 1 MiB.'),
  unsupported_media_type: row(415, 'payload', 'Send application/json.'),
  kill_switch: row(403, 'kill_switch', 'A kill switch stops this call until an admin lifts it.'),
  not_granted: row(
    403,
    'grant',
    'No grant allows this caller to call that tool. An admin of the workspace can give one.',
  ),
  draft_only: row(
    403,
    'grant',
    'This client may only read and draft, so what was approved for it before cannot run. An admin can let it do more.',
  ),
  capability_required: row(403, 'grant', 'The workspace lacks a capability this call needs.'),
  invalid_arguments: row(422, 'schema', "The arguments do not fit the tool's input schema."),
  guardrail_auth: row(403, 'guardrails', 'An AUTH guardrail refused the call.'),
  guardrail_limit: row(422, 'guardrails', 'A LIMIT guardrail refused the call.'),
  guardrail_escalate: row(409, 'guardrails', 'An ESCALATE guardrail handed the call to a person.'),
  justification_required: row(
    422,
    'policy',
    'This call has to say why it is made. Send the reason, for the people who approve, as justification.',
  ),
  budget_exceeded: row(402, 'budget', 'A budget is used up.'),
  prerequisite_missing: row(409, 'prerequisites', 'Another call has to be made before this one, in the same run.'),
  approval_required: row(403, 'approval', 'This call needs an approval.'),
  approval_pending: row(409, 'approval', 'The approval has not been decided yet.'),
  approval_denied: row(403, 'approval', 'The approval was denied.'),
  approval_expired: row(409, 'approval', 'The approval has expired. Call again to ask for a new one.'),
  approval_cancelled: row(409, 'approval', 'The approval was cancelled. Call again to ask for a new one.'),
  approval_consumed: row(409, 'approval', 'The approval has been used already.'),
  approval_hash_mismatch: row(409, 'approval', 'The payload is not the one the approval was given for.'),
  approval_not_found: row(404, 'approval', 'There is no such approval here.'),
  self_approval: row(403, 'approval', 'You asked for this call or set it up, so you cannot decide it.'),
  duplicate_approver: row(409, 'approval', 'You have decided this approval already.'),
  definition_drift: row(409, 'approval', 'The tool changed after the approval was requested. Call again.'),
  draft_moved: row(409, 'intent', 'The draft was edited, published or discarded meanwhile. Read it again.'),
  drafts_full: row(409, 'intent', 'The workspace has 10,000 open drafts. Ask a member to publish or discard some.'),
  idempotency_mismatch: row(422, 'intent', 'This Idempotency-Key was used with another request body.'),
  idempotency_in_progress: row(409, 'intent', 'The first call with this Idempotency-Key is still running.'),
  store_unavailable: row(503, 'intent', 'The store cannot be reached, so nothing was done. Retry later.', {
    not: 'the store is what would keep it',
  }),
  egress_blocked: row(
    403,
    'execute',
    'The egress guard refused the destination. An admin of the workspace can change where the tool leads.',
  ),
  outcome_unknown: row(502, 'execute', 'The upstream was called, but its answer is not known. Do not retry blindly.'),
} as const satisfies Record<string, Row>;

/** A stable refusal code. */
export type RefusalCode = keyof typeof REFUSALS;

/** A refusal as a value: which step refused, the stable code, and a sentence that is safe to show. */
export type Refusal = {
  readonly kind: 'deny';
  readonly step: Step;
  readonly code: RefusalCode;
  readonly detail: string;
  /** Seconds until trying again makes sense, for codes where time helps. */
  readonly retryAfterSeconds?: number;
  readonly remedy?: Remedy;
};

/**
 * What would make a refused call pass, as fields that an agent can act on; `detail` says the same as a sentence. It goes to
 * the caller as it stands, so it holds no secrets and nothing of another workspace.
 */
export type Remedy = {
  /** Who can change what refused it, such as `an admin of the workspace`. */
  readonly whom_to_ask?: string;
  /** When the same call would pass without anybody doing anything (RFC 3339, UTC). */
  readonly resets_at?: string;
  /** Tools that have to be called before, in the same run. */
  readonly missing?: readonly string[];
  /** Members that the request lacks, such as `justification`. */
  readonly send?: readonly string[];
  /** The budget that has no room. Amounts are whole units, of money micro-units (a millionth), as decimal text. */
  readonly budget?: {
    readonly id: string;
    readonly name: string;
    /** `calls`, `tokens`, or an ISO 4217 currency. */
    readonly unit: string;
    readonly period: 'day' | 'month';
    readonly limit: string;
    /** Spent and reserved, without this call. */
    readonly used: string;
    /** What this call would take. */
    readonly asked: string;
  };
};

const ADMIN: Remedy = { whom_to_ask: 'an admin of the workspace' };
const APPROVERS: Remedy = { whom_to_ask: 'the people who may decide the approval' };

/** What would make a call pass that is refused with this code, where that is always the same. */
const REMEDIES: Partial<Record<RefusalCode, Remedy>> = {
  token_expired: ADMIN,
  kill_switch: ADMIN,
  not_granted: ADMIN,
  draft_only: ADMIN,
  capability_required: { whom_to_ask: 'an owner of the workspace' },
  justification_required: { send: ['justification'] },
  approval_required: APPROVERS,
  approval_pending: APPROVERS,
  approval_denied: APPROVERS,
  egress_blocked: ADMIN,
};

/**
 * Builds the refusal for a code, with the table's step and sentence unless a more telling detail is given.
 * `detail` is shown to the caller, so it must not hold secrets, tokens or another tenant's data.
 */
export function deny(code: RefusalCode, detail?: string): Refusal {
  const { step, message } = REFUSALS[code];
  const remedy = REMEDIES[code];
  return { kind: 'deny', step, code, detail: detail ?? message, ...(remedy && { remedy }) };
}

const TOLD: Recorded = { not: 'its sender is told what to send instead; nobody was kept from anything' };
const UNKNOWN: Recorded = { not: 'who asks is not known yet' };

const plain = (status: number, message: string, recorded: Recorded) => ({ status, message, recorded });

/** What can be wrong with a request to the REST API before or beside a governed call. */
export const PROBLEMS = {
  invalid_request: plain(422, 'Some fields are not acceptable.', TOLD),
  malformed_body: plain(400, 'The body is not acceptable JSON.', TOLD),
  malformed_request: plain(400, 'The request is not acceptable HTTP.', UNKNOWN),
  misdirected_request: plain(421, 'This server does not answer for that host.', UNKNOWN),
  headers_too_large: plain(431, 'The headers are larger than 16 KiB.', UNKNOWN),
  request_timeout: plain(408, 'The request did not arrive in time.', UNKNOWN),
  unsupported_media_type: plain(415, 'Send application/json.', 'entry'),
  payload_too_large: plain(413, 'The body is larger than 1 MiB.', 'entry'),
  forbidden: plain(403, 'Your role does not allow this.', 'entry'),
  bad_origin: plain(
    403,
    'The request comes from another site. If this site is served at that address, as behind TLS, its operator sets ' +
      'COUNTERSIGN_PUBLIC_URL to it.',
    { not: 'another site may have sent it: nothing is written in the name of whoever is signed in' },
  ),
  not_found: plain(404, 'There is nothing here by that name.', {
    not: 'it names nothing of the workspace, and whether it is elsewhere is not looked at',
  }),
  method_not_allowed: plain(405, 'This path does not take that method.', TOLD),
  link_invalid: plain(
    404,
    'This link does not work any more. Links work once, for a limited time. Ask for a new one.',
    UNKNOWN,
  ),
  conflict: plain(409, 'That cannot be done in the present state.', TOLD),
  version_mismatch: plain(412, 'It was changed meanwhile. Read it again, then edit.', TOLD),
  too_many_requests: plain(429, 'Too many attempts. Try again later.', {
    not: 'it comes before anything is looked up or written for whoever asks',
  }),
  provider_failed: plain(502, 'The provider did not give what was asked of it.', TOLD),
  key_service_unavailable: plain(
    503,
    'The key service that encrypts secrets does not do it just now. Nothing was written.',
    {
      not: 'it is a fault outside, and in the log of the process under its request_id',
    },
  ),
  internal_error: plain(500, 'Something failed here. Nothing was done.', {
    not: 'it is a fault, and in the log of the process under its request_id',
  }),
} as const;

/** A stable problem code of the REST API. */
export type ProblemCode = keyof typeof PROBLEMS;

/** A problem as a value. `errors` names each unacceptable field and what to write instead. */
export type Problem = {
  readonly kind: 'problem';
  readonly code: ProblemCode;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
};
export type FieldError = {
  readonly field: string;
  readonly message: string;
  /** Within a text that is written in a language of its own: the place, from 1, and what stands there. */
  readonly line?: number;
  readonly column?: number;
  readonly names?: string;
};

/** Builds a problem, with the table's sentence unless a more telling one is given. */
export function problem(code: ProblemCode, detail?: string, errors?: readonly FieldError[]): Problem {
  return { kind: 'problem', code, detail: detail ?? PROBLEMS[code].message, ...(errors && { errors }) };
}

/** Whether a verb's answer says no. */
export function isRefused<T>(answer: T | Refusal | Problem): answer is Refusal | Problem {
  if (typeof answer !== 'object' || answer === null || !('kind' in answer)) return false;
  return answer.kind === 'deny' || answer.kind === 'problem';
}

/** What a tool does outside, from harmless to irreversible. */
export const EFFECTS = ['read', 'draft', 'write', 'send', 'publish', 'charge', 'delete'] as const;
export type Effect = (typeof EFFECTS)[number];

/** Who must agree before a call runs. */
export const POLICIES = ['auto', 'approve', 'approve-dual'] as const;
export type Policy = (typeof POLICIES)[number];

/**
 * Who must agree before a call of a tool with this effect, unless a grant says otherwise. Members who try a tool out
 * have no grant: for them it always holds, so that nothing with an effect runs unseen.
 */
export const DEFAULT_POLICY = {
  read: 'auto',
  draft: 'auto',
  write: 'approve',
  send: 'approve',
  publish: 'approve',
  charge: 'approve-dual',
  delete: 'approve-dual',
} as const satisfies Record<Effect, Policy>;
