import { isPattern } from '../ecma-pattern.ts';
import { isEmail, isIdnEmail } from './addresses.ts';
import { isHostname, isIdnHostname, isIpv4, isIpv6 } from './hosts.ts';
import { isDate, isDateTime, isDuration, isTime } from './times.ts';
import { isIri, isIriReference, isUri, isUriReference, isUriTemplate } from './uris.ts';

/** A format that is held to. */
export type Format = {
  /** What to call it in a message. */
  readonly name: string;
  /** Whether a text has it, in time linear in the text. */
  readonly holds: (text: string) => boolean;
  /** What a character costs, in units of work; 1 where it is not said. */
  readonly weight?: (text: string) => number;
};

/** Labels of IDNA are asked of the engine, several times where they have joiners. */
const weight = (text: string): number => (/xn--|[^\0-\x7f]/i.test(text) ? 40 : 1);

const UUID = /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/;
const JSON_POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;
const RELATIVE_JSON_POINTER = /^(?:0|[1-9][0-9]*)(?:#|(?:\/(?:[^~/]|~[01])*)*)$/;

/**
 * The formats of JSON Schema 2020-12, by the RFCs it names (validation, 7.3). Others, as `int32` or `password`, are
 * notes to the reader.
 */
export const FORMATS: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['date-time', { name: 'a date and time as in RFC 3339', holds: isDateTime }],
  ['date', { name: 'a date as in RFC 3339', holds: isDate }],
  ['time', { name: 'a time with its offset as in RFC 3339', holds: isTime }],
  ['duration', { name: 'a duration as in RFC 3339', holds: isDuration }],
  ['email', { name: 'an e-mail address', holds: isEmail, weight }],
  ['idn-email', { name: 'an e-mail address', holds: isIdnEmail, weight }],
  ['hostname', { name: 'a host name', holds: isHostname, weight }],
  ['idn-hostname', { name: 'a host name', holds: isIdnHostname, weight }],
  ['ipv4', { name: 'an IPv4 address', holds: isIpv4 }],
  ['ipv6', { name: 'an IPv6 address', holds: isIpv6 }],
  ['uri', { name: 'a URI', holds: isUri }],
  ['uri-reference', { name: 'a URI or a reference to one', holds: isUriReference }],
  ['iri', { name: 'an IRI', holds: isIri }],
  ['iri-reference', { name: 'an IRI or a reference to one', holds: isIriReference }],
  ['uri-template', { name: 'a URI template', holds: isUriTemplate }],
  ['uuid', { name: 'a UUID', holds: (text) => text.length === 36 && UUID.test(text) }],
  ['json-pointer', { name: 'a JSON pointer', holds: (text) => JSON_POINTER.test(text) }],
  ['relative-json-pointer', { name: 'a relative JSON pointer', holds: (text) => RELATIVE_JSON_POINTER.test(text) }],
  ['regex', { name: 'a regular expression of ECMA-262, of at most 1000 characters', holds: isRegex, weight: () => 20 }],
]);

/** Reading a pattern takes a level of the stack for each bracket, so its length is bounded. */
const MOST_REGEX = 1_000;

function isRegex(text: string): boolean {
  return text.length <= MOST_REGEX && isPattern(text);
}
