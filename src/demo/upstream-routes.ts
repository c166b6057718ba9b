import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { HELP_ARTICLES } from './help-articles.ts';
import type { DemoState } from './upstream-state.ts';

/** An answer before it is written: a status and a JSON body. */
export type DemoAnswer = { readonly status: number; readonly body: unknown };

type Request = {
  readonly state: DemoState;
  /** The last path segment of a route that has one. */
  readonly id: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
};

type Route = {
  readonly method: string;
  readonly path: RegExp;
  readonly changes: boolean;
  readonly answer: (request: Request) => DemoAnswer;
};

const MAX_KEPT = 20_000;

const text = (max: number) => z.string().trim().min(1).max(max);
const mailAddress = z
  .string()
  .max(254)
  .regex(/^[^\s@<>,;]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i, 'not an e-mail address');

const mail = z.strictObject({
  to: z.union([mailAddress, z.array(mailAddress).min(1).max(50)]),
  subject: text(998).regex(/^[^\r\n]*$/, 'a subject is one line'),
  body: z.string().max(100_000),
});

const refund = z.strictObject({
  order_id: text(64),
  amount: z.number().positive().max(1_000_000).multipleOf(0.01),
  currency: z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 code such as EUR'),
  reason: text(500),
});

const page = z.strictObject({ title: text(200), body: z.string().max(200_000) });

const ID = '([A-Za-z0-9_-]{1,64})';

/** The demo upstream's paths. */
export const ROUTES: readonly Route[] = [
  {
    method: 'POST',
    path: /^\/mail\/send$/,
    changes: true,
    answer: ({ state, body }) =>
      checked(mail, body, ({ to, subject, body: content }) => {
        if (state.outbox.length >= MAX_KEPT) return problem(507, 'full', 'The outbox is full.');
        const sent = { id: `mail_${randomUUID()}`, to: [to].flat(), subject, body: content, sent_at: now() };
        state.outbox.push(sent);
        return { status: 201, body: { id: sent.id, status: 'sent', to: sent.to, sent_at: sent.sent_at } };
      }),
  },
  { method: 'GET', path: /^\/mail\/outbox$/, changes: false, answer: ({ state }) => list(state.outbox) },
  {
    method: 'POST',
    path: /^\/refunds$/,
    changes: true,
    answer: ({ state, body }) =>
      checked(refund, body, (fields) => {
        if (state.refunds.length >= MAX_KEPT) return problem(507, 'full', 'The refunds are full.');
        const made = { id: `rfd_${randomUUID()}`, ...fields, refunded_at: now() };
        state.refunds.push(made);
        return { status: 201, body: { ...made, status: 'refunded' } };
      }),
  },
  { method: 'GET', path: /^\/refunds$/, changes: false, answer: ({ state }) => list(state.refunds) },
  { method: 'GET', path: /^\/search$/, changes: false, answer: ({ query }) => search(query.get('q') ?? '') },
  {
    method: 'POST',
    path: new RegExp(`^/pages/${ID}$`),
    changes: true,
    answer: ({ state, id, body }) =>
      checked(page, body, (fields) => {
        const before = Object.hasOwn(state.pages, id) ? state.pages[id] : undefined;
        if (before === undefined && Object.keys(state.pages).length >= MAX_KEPT) {
          return problem(507, 'full', 'There are too many pages.');
        }
        const published = { id, ...fields, version: (before?.version ?? 0) + 1, published_at: now() };
        state.pages[id] = published;
        const { body: _, ...shown } = published;
        return { status: before === undefined ? 201 : 200, body: { ...shown, status: 'published' } };
      }),
  },
  { method: 'GET', path: /^\/pages$/, changes: false, answer: ({ state }) => list(Object.values(state.pages)) },
  {
    method: 'DELETE',
    path: new RegExp(`^/records/${ID}$`),
    changes: true,
    answer: ({ state, id }) => {
      const index = state.records.findIndex((record) => record.id === id);
      if (index < 0) return problem(404, 'not_found', 'There is no such record.');
      state.records.splice(index, 1);
      return { status: 200, body: { id, status: 'deleted' } };
    },
  },
  { method: 'GET', path: /^\/records$/, changes: false, answer: ({ state }) => list(state.records) },
];

/** An error answer of the demo upstream. */
export function problem(status: number, error: string, message: string): DemoAnswer {
  return { status, body: { error, message } };
}

function checked<T>(schema: z.ZodType<T>, body: unknown, then: (value: T) => DemoAnswer): DemoAnswer {
  const parsed = schema.safeParse(body);
  if (parsed.success) return then(parsed.data);
  const fields = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  return { status: 422, body: { error: 'invalid', message: 'The fields do not fit.', fields } };
}

function search(query: string): DemoAnswer {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0 || query.length > 200) return problem(422, 'invalid', 'q is needed, 1 to 200 characters.');
  const found = HELP_ARTICLES.filter(({ title, text: content }) => {
    const all = `${title} ${content}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
  return { status: 200, body: { query, count: found.length, articles: found } };
}

function list(items: readonly unknown[]): DemoAnswer {
  return { status: 200, body: { count: items.length, items } };
}

function now(): string {
  return new Date().toISOString();
}
