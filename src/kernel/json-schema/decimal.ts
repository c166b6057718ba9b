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
function decimal(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}
