import { replaceSecrets, secretsIn } from '../../../kernel/secret-reference.ts';
import { PLACEHOLDER } from './path.ts';
import { nameOf, scalarText, Unfit } from './unfit.ts';

/** A text with the places of secrets in it. What arguments say is text, also where it looks like such a place. */
export type Parts = readonly (string | { readonly secret: string })[];

type Args = Readonly<Record<string, unknown>>;

/** The arguments that a template takes; `inTexts` are those inside of longer texts, without which there is no text. */
export function argumentsOf(template: unknown): {
  readonly all: readonly string[];
  readonly inTexts: readonly string[];
} {
  const all = new Set<string>();
  const inTexts = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === 'string') {
      const plain = replaceSecrets(value, () => '');
      const whole = wholeArgument(value);
      for (const [, name] of plain.matchAll(PLACEHOLDER)) {
        all.add(name!);
        if (whole === null) inTexts.add(name!);
      }
    } else if (typeof value === 'object' && value !== null) {
      for (const item of Object.values(value)) visit(item);
    }
  };
  visit(template);
  return { all: [...all], inTexts: [...inTexts] };
}

/** The JSON text of a template with its arguments in it. A member whose one argument is not given is left out. */
export function fillJson(template: unknown, args: Args): Parts {
  const parts: (string | { secret: string })[] = [];
  const add = (text: string): void => {
    const last = parts.at(-1);
    if (typeof last === 'string') parts[parts.length - 1] = last + text;
    else parts.push(text);
  };
  const writeText = (text: string): void => {
    add('"');
    for (const piece of piecesOf(text, args)) {
      if (typeof piece === 'string') add(JSON.stringify(piece).slice(1, -1));
      else parts.push(piece);
    }
    add('"');
  };
  const writeMembers = (value: object): void => {
    const isArray = Array.isArray(value);
    const members = Object.entries(value).filter(([, item]) => !isLeftOut(item, args));
    add(isArray ? '[' : '{');
    for (const [index, [key, item]] of members.entries()) {
      add(`${index === 0 ? '' : ','}${isArray ? '' : `${JSON.stringify(key)}:`}`);
      write(item);
    }
    add(isArray ? ']' : '}');
  };
  const write = (value: unknown): void => {
    const whole = typeof value === 'string' ? wholeArgument(value) : null;
    if (whole !== null) add(JSON.stringify(args[whole]));
    else if (typeof value === 'string') writeText(value);
    else if (typeof value === 'object' && value !== null) writeMembers(value);
    else add(JSON.stringify(value));
  };
  if (isLeftOut(template, args)) throw new Unfit(`The body needs the argument "${wholeArgument(template as string)}".`);
  write(template);
  return parts;
}

/** The form of a flat template with its arguments in it. */
export function fillForm(template: Readonly<Record<string, unknown>>, args: Args): Parts {
  const parts: (string | { secret: string })[] = [];
  for (const [key, value] of Object.entries(template)) {
    if (isLeftOut(value, args)) continue;
    parts.push(`${parts.length === 0 ? '' : '&'}${formText(key)}=`);
    for (const piece of piecesOf(scalarText(value) ?? '', args)) {
      parts.push(typeof piece === 'string' ? formText(piece) : piece);
    }
  }
  return parts;
}

/** `application/x-www-form-urlencoded`, as browsers write it. */
export function formText(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()~]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The one argument that a text is, or null. */
function wholeArgument(text: string): string | null {
  return /^\{([A-Za-z0-9_-]{1,64})\}$/.exec(text)?.[1] ?? null;
}

function isLeftOut(value: unknown, args: Args): boolean {
  const whole = typeof value === 'string' ? wholeArgument(value) : null;
  return whole !== null && (!Object.hasOwn(args, whole) || args[whole] === undefined);
}

function* piecesOf(text: string, args: Args): Generator<string | { secret: string }> {
  const names = secretsIn(text);
  // Split at the references first: what an argument says is never read for one.
  const pattern = names.length === 0 ? null : new RegExp(`\\{\\{secret:(${names.join('|')})\\}\\}`);
  const split = pattern === null ? [text] : text.split(pattern);
  for (const [index, part] of split.entries()) {
    if (index % 2 === 1) yield { secret: part };
    else if (part !== '') yield part.replace(PLACEHOLDER, (_, name: string) => argumentText(name, args));
  }
}

function argumentText(name: string, args: Args): string {
  const text = Object.hasOwn(args, name) ? scalarText(args[name]) : null;
  if (text === null) throw new Unfit(`The body needs the argument "${nameOf(name)}": a text, a number or a boolean.`);
  return text;
}
