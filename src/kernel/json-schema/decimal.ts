/** A decimal number as digits × 10^exponent. */
type Decimal = { readonly digits: bigint; readonly exponent: number };

/**
 * Whether `value` is a whole multiple of `divisor` as the two are written in decimal: 0.07 is a multiple of
 * 0.01, although dividing the doubles says otherwise.
 */
export function isMultipleOf(value: number, divisor: number): boolean {
  if (bothIntegers(value, divisor)) return value % divisor === 0;
  const a = decimal(value);
  const b = decimal(divisor);
  const exponent = Math.min(a.exponent, b.exponent);
  return scaled(a, exponent) % scaled(b, exponent) === 0n;
}

export const bothIntegers = (a: number, b: number): boolean => Number.isInteger(a) && Number.isInteger(b);

const scaled = (number: Decimal, exponent: number): bigint => number.digits * 10n ** BigInt(number.exponent - exponent);

/** Reads the shortest decimal that stands for a double, which ECMAScript prints. */
function decimal(value: number | string): Decimal {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}

/**
 * A number times a power of ten in plain decimal, exactly, with at least so many digits behind the point: 36952 × 10^-2
 * is `369.52`. A text that is no number gives undefined.
 */
export function plainDecimal(value: number | string, power: number, fractionDigits: number): string | undefined {
  if (!/^-?\d{1,40}(?:\.\d{1,40})?(?:e[+-]?\d{1,3})?$/.test(String(value))) return undefined;
  const { digits, exponent } = decimal(value);
  const shift = exponent + power;
  const fraction = Math.max(-shift, 0);
  const text = (digits < 0n ? -digits : digits) * 10n ** BigInt(Math.max(shift, 0));
  const padded = String(text).padStart(fraction + 1, '0');
  const whole = padded.slice(0, padded.length - fraction);
  const behind = padded.slice(whole.length).replace(/0+$/, '').padEnd(fractionDigits, '0');
  const sign = String(value).startsWith('-') && text !== 0n ? '-' : '';
  return `${sign}${whole}${behind === '' ? '' : `.${behind}`}`;
}
