import { readExact } from './exact-json.ts';
import { noteServerDate } from './server-clock.ts';

/** What is wrong with one field of a form. */
export type FieldError = { readonly field: string; readonly message: string };

/** A refusal or a fault of the API as it came: a problem document (RFC 9457), or no answer at all. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';
  /** The HTTP status; 0 when the server could not be reached. */
  readonly status: number;
  readonly code: string;
  readonly errors: readonly FieldError[];
  readonly requestId: string | null;
  readonly retryAfterSeconds: number | null;

  constructor(from: {
    status: number;
    code: string;
    detail: string;
    errors?: readonly FieldError[];
    requestId?: string | null;
    retryAfterSeconds?: number | null;
  }) {
    super(from.detail);
    this.status = from.status;
    this.code = from.code;
    this.errors = from.errors ?? [];
    this.requestId = from.requestId ?? null;
    this.retryAfterSeconds = from.retryAfterSeconds ?? null;
  }

  /** What the API says about one field, or undefined. */
  about(field: string): string | undefined {
    return this.errors.find((error) => error.field === field || error.field.startsWith(`${field}.`))?.message;
  }
}

/** What the API says about each field of a form, where it refused it. */
export function aboutOf(problem: unknown): (field: string) => string | undefined {
  return (field) => (problem instanceof ApiProblem ? problem.about(field) : undefined);
}

export type Ask = {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly body?: unknown;
  /** Instead of a body: a form with a file. */
  readonly form?: FormData;
  /** The workspace's slug. The path never carries it, so a link cannot make a request in another one. */
  readonly workspace?: string;
  readonly version?: number;
  readonly signal?: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
  /** The answer holds JSON that somebody else wrote, and is shown as it is: see `readExact`. */
  readonly exact?: boolean;
};

/** Headers of a request inside a workspace. The session travels as an HttpOnly cookie that no script can read. */
export function headersOf({ workspace, body, version, headers }: Ask): Record<string, string> {
  return {
    accept: 'application/json',
    ...(workspace !== undefined && { 'countersign-workspace': workspace }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(version !== undefined && { 'if-match': `"${version}"` }),
    ...headers,
  };
}

/** One request to the API. Throws `ApiProblem` for everything but a success. */
export async function ask<T>(path: string, request: Ask = {}): Promise<T> {
  const response = await send(path, request);
  noteServerDate(response.headers.get('date'));
  if (!response.ok) throw await problemOf(response);
  if (response.status === 204) return undefined as T;
  return (request.exact ? readExact(await response.text()) : await response.json()) as T;
}

/** A request whose answer is read by the caller: a stream or a file. Throws `ApiProblem` when it is not a success. */
export async function askRaw(path: string, request: Ask = {}): Promise<Response> {
  const response = await send(path, request);
  noteServerDate(response.headers.get('date'));
  if (!response.ok) throw await problemOf(response);
  return response;
}

async function send(path: string, request: Ask): Promise<Response> {
  try {
    return await fetch(path, {
      method: request.method ?? 'GET',
      headers: headersOf(request),
      credentials: 'same-origin',
      redirect: 'error',
      cache: 'no-store',
      ...(request.signal && { signal: request.signal }),
      ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
      ...(request.form && { body: request.form }),
    });
  } catch (fault) {
    if (request.signal?.aborted) throw fault;
    throw new ApiProblem({ status: 0, code: 'unreachable', detail: 'The server could not be reached.' });
  }
}

async function problemOf(response: Response): Promise<ApiProblem> {
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new ApiProblem({
    status: response.status,
    code: typeof body.code === 'string' ? body.code : 'unexpected_answer',
    detail: typeof body.detail === 'string' ? body.detail : `The server answered ${response.status}.`,
    errors: Array.isArray(body.errors) ? (body.errors as FieldError[]) : [],
    requestId: response.headers.get('x-request-id'),
    retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : null,
  });
}

/** A query string of the given members that are set, in order, or nothing. */
export function query(params: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(params).filter(([, value]) => value !== undefined && value !== '');
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)]))}`;
}
