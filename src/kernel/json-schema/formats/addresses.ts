import { isHostname, isIpv4, isIpv6 } from './hosts.ts';

const ATOMS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/;
const QUOTED = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"$/;
const IDN_ATOMS =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\u{10ffff}-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\x80-\u{10ffff}-]+)*$/u;
const IDN_QUOTED = /^"(?:[\x20\x21\x23-\x5b\x5d-\x7e\x80-\u{10ffff}]|\\[\x20-\x7e])*"$/u;
const IDN_LABEL = /^[A-Za-z0-9\x80-\u{10ffff}](?:[A-Za-z0-9\x80-\u{10ffff}-]*[A-Za-z0-9\x80-\u{10ffff}])?$/u;
/** RFC 5321, 4.5.3.1: octets of a local part, and of a path less its angle brackets. */
const MOST_LOCAL = 64;
const MOST_ADDRESS = 254;

/** `Mailbox` of RFC 5321. */
export const isEmail = (text: string): boolean =>
  isMailbox(text, (local) => ATOMS.test(local) || QUOTED.test(local), isHostname);

/** `Mailbox` as RFC 6531 extends it: UTF-8 in the local part and in the labels of the domain. */
export const isIdnEmail = (text: string): boolean =>
  isMailbox(
    text,
    (local) => IDN_ATOMS.test(local) || IDN_QUOTED.test(local),
    (domain) =>
      isHostname(domain) || domain.split('.').every((label) => !/^xn--/i.test(label) && IDN_LABEL.test(label)),
  );

function isMailbox(text: string, isLocal: (text: string) => boolean, isDomain: (text: string) => boolean): boolean {
  if (text.length > MOST_ADDRESS || Buffer.byteLength(text) > MOST_ADDRESS) return false;
  const at = text.lastIndexOf('@');
  const local = text.slice(0, at);
  if (at < 1 || Buffer.byteLength(local) > MOST_LOCAL || !isLocal(local)) return false;
  const domain = text.slice(at + 1);
  if (!domain.startsWith('[')) return isDomain(domain);
  if (!domain.endsWith(']')) return false;
  const literal = domain.slice(1, -1);
  return /^IPv6:/i.test(literal) ? isIpv6(literal.slice(5)) : isIpv4(literal);
}
