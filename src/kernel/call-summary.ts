import type { Effect } from './codes.ts';
import { type AnnotatedValue, type Annotation, annotatedValues } from './json-schema.ts';
import { type Amount, amountOf } from './money.ts';
import { isSuspicious } from './safe-text/is-suspicious.ts';
import type { JsonObject, JsonValue } from './strict-json.ts';

/** Who a call concerns, and how much. Everything in it is an agent's text. */
export type Subject = {
  /** The first few, each cut. */
  readonly recipients: readonly string[];
  readonly recipient_count: number;
  /** Such as `369.52 EUR`. */
  readonly amount: string | null;
  readonly title: string | null;
};

/** A call on one line, such as `Refund 369.52 EUR · A-2996`. */
export type CallSummary = { readonly summary: string; readonly subject: Subject };

/** What lists say of a call that waits, without its payload; `subject` as JSON text. */
export function aboutCall(
  tool: { readonly name: string; readonly effect: Effect },
  annotations: readonly Annotation[],
  args: JsonObject,
  justification = '',
): { readonly summary: string; readonly subject: string; readonly suspicious: boolean } {
  const { summary, subject } = summarize(tool, annotatedValues(annotations, args), args);
  return { summary, subject: JSON.stringify(subject), suspicious: isSuspicious([args, justification]) };
}

const RECIPIENTS_SHOWN = 3;
const TEXT_MAX = 200;
const REFERENCE_MAX = 64;

/**
 * What a call with these arguments would do, in one line: made from the tool's name and effect, and from what its schema
 * marks. It is a help to find a call by; the payload is what is decided about.
 */
export function summarize(
  tool: { readonly name: string; readonly effect: Effect },
  values: readonly AnnotatedValue[],
  args: JsonObject,
): CallSummary {
  const recipients = of(values, 'recipient').flatMap(({ value }) => textOf(value) ?? []);
  const amount = of(values, 'amount').flatMap((one) => amountIn(one, values)?.text ?? [])[0];
  const title = of(values, 'subject').flatMap(({ value }) => textOf(value) ?? [])[0];
  const subject = {
    recipients: recipients.slice(0, RECIPIENTS_SHOWN),
    recipient_count: recipients.length,
    amount: amount ?? null,
    title: title ?? null,
  };
  return { summary: sentence(tool, subject, referenceIn(args, values)), subject };
}

/** The amount that a marked value is, by what its schema says of it; undefined for what is no number. */
export function amountIn(
  { value, amount, around }: AnnotatedValue,
  values: readonly AnnotatedValue[],
): Amount | undefined {
  if (amount === undefined) {
    // A currency that is marked on its own is told with the number, which stays as it is.
    const marked = of(values, 'currency').find((one) => one.around === around);
    return amountOf(value, null, marked?.value);
  }
  const { unit, currency } = amount;
  return amountOf(
    value,
    unit,
    typeof currency === 'string' ? currency : (around as JsonObject | null)?.[currency.field],
  );
}

function of(values: readonly AnnotatedValue[], role: AnnotatedValue['role']): AnnotatedValue[] {
  return values.filter((one) => one.role === role);
}

/** A value that people read as one word or line; undefined for anything else. */
function textOf(value: JsonValue): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = cut(String(value), TEXT_MAX);
  return text === '' ? undefined : text;
}

/** No half of a surrogate pair is left, and no U+0000, which the store cannot keep. */
function cut(text: string, max: number): string {
  const whole = text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
  return whole.replaceAll('\0', '\u2400');
}

/** Names of arguments that say which order, ticket or record it is about; the first that is there counts. */
const REFERENCES = [
  /^id$/,
  /(?:^|_)id$/i,
  /[a-z]Id$/,
  /(?:^|_)(?:number|no|reference|ref)$/i,
  /(?:^|_)(?:key|code|slug)$/i,
];

function referenceIn(args: JsonObject, values: readonly AnnotatedValue[]): string | undefined {
  const marked = new Set(values.map(({ steps }) => String(steps[0])));
  for (const form of REFERENCES) {
    for (const [name, value] of Object.entries(args)) {
      if (!form.test(name) || marked.has(name)) continue;
      const text = textOf(value);
      if (text !== undefined && text.length <= REFERENCE_MAX) return text;
    }
  }
  return undefined;
}

const VERBS: ReadonlySet<string> = new Set(
  (
    'send create make add issue submit post put publish update change edit set write delete remove drop cancel close open ' +
    'refund charge pay transfer capture void credit invoice book order buy sell ship invite share move copy rename ' +
    'archive restore approve reject assign merge deploy release start stop restart run execute search find list get read ' +
    'fetch draft upload download reply forward notify call message schedule grant revoke enable disable'
  ).split(' '),
);
/** Verbs that say nothing by themselves of what is done. */
const PLAIN: ReadonlySet<string> = new Set([
  'create',
  'make',
  'add',
  'issue',
  'submit',
  'post',
  'put',
  'run',
  'execute',
]);
/** Things that are done by being made. */
const DEEDS: Readonly<Record<string, string>> = {
  refund: 'Refund',
  payment: 'Pay',
  payout: 'Pay out',
  transfer: 'Transfer',
  charge: 'Charge',
  credit: 'Credit',
  invoice: 'Invoice',
  donation: 'Donate',
};
const BY_EFFECT: Partial<Record<Effect, string>> = {
  draft: 'Draft',
  send: 'Send',
  publish: 'Publish',
  charge: 'Charge',
  delete: 'Delete',
};
const WRITTEN: Readonly<Record<string, string>> = { email: 'e-mail', mail: 'e-mail', sms: 'SMS' };

function sentence({ name, effect }: { name: string; effect: Effect }, subject: Subject, reference?: string): string {
  const { verb, noun } = deedOf(name, effect);
  const { recipients, recipient_count, amount, title } = subject;
  const more = recipient_count > 1 ? ` and ${recipient_count - 1} more` : '';
  const to = recipient_count > 0 ? ` to ${recipients[0]}${more}` : '';
  const about = reference === undefined ? '' : ` · ${reference}`;
  if (amount !== null) return `${verb}${noun === '' ? '' : ` ${noun} of`} ${amount}${to}${about}`;
  if (to !== '') return `${verb} 1 ${noun || 'message'}${to}`;
  const what = noun === '' ? '' : ` ${noun}`;
  return `${verb}${what}${title === null ? '' : ` “${title}”`}${about}`;
}

/** `refunds.create` is to refund, `email.send` to send an e-mail; a name that says no verb is called. */
function deedOf(name: string, effect: Effect): { readonly verb: string; readonly noun: string } {
  const words = name.split(/[._]+/).filter((word) => /\D/.test(word));
  // `mail.send.create`, as an address that is posted to becomes a name, is to send.
  while (PLAIN.has(words.at(-1)!) && VERBS.has(words.at(-2)!)) words.pop();
  const at = words.findLastIndex((word) => VERBS.has(word));
  const last = singular(words.at(-1) ?? '');
  const verb = at === -1 ? undefined : words[at]!;
  const noun = singular((at === words.length - 1 ? words[at - 1] : words.at(-1)) ?? '');
  const deed = DEEDS[verb === undefined ? last : noun];
  if (deed !== undefined && (verb === undefined || PLAIN.has(verb))) return { verb: deed, noun: '' };
  if (verb !== undefined) return { verb: capital(verb), noun: WRITTEN[noun] ?? noun };
  const does = BY_EFFECT[effect];
  return does === undefined ? { verb: `Call ${name}`, noun: '' } : { verb: does, noun: WRITTEN[last] ?? last };
}

function singular(noun: string): string {
  if (/(?:ss|us|is|ms)$/.test(noun)) return noun;
  return noun.replace(/ies$/, 'y').replace(/(?:(?<=ch|sh|x)es|s)$/, '');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
