import { plainDecimal } from './json-schema/decimal.ts';

/** What a number that is an amount counts: `x-countersign-amount` in a tool's schema. */
export type AmountMark = {
  /** Minor units, such as cents, or major ones, such as euros. */
  readonly unit: 'minor' | 'major';
  /** An ISO 4217 code, or the property beside the amount that holds one. */
  readonly currency: string | { readonly field: string };
};

/** An amount as it is told to people. */
export type Amount = {
  /** Null where the schema does not say it: then `text` is the number as it is. */
  readonly unit: AmountMark['unit'] | null;
  readonly currency: string | null;
  /** How many decimals the currency has. */
  readonly decimals: number;
  readonly text: string;
};

/** Currencies whose minor unit is not a hundredth (ISO 4217). */
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ...split('BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF').map((code) => [code, 0] as const),
  ...split('BHD IQD JOD KWD LYD OMR TND').map((code) => [code, 3] as const),
  ...split('CLF UYW').map((code) => [code, 4] as const),
]);
const HUNDREDTHS = 2;

const CODES: ReadonlySet<string> = new Set([
  ...split(
    'AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW ' +
      'CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF ' +
      'IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK ' +
      'MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP ' +
      'SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ' +
      'ZAR ZMW ZWG',
  ),
  ...DECIMALS.keys(),
]);

function split(codes: string): string[] {
  return codes.split(' ');
}

/** Whether that is the code of a currency in ISO 4217. */
export function isCurrency(code: unknown): code is string {
  return typeof code === 'string' && CODES.has(code);
}

/** How many decimals a currency has, by ISO 4217. */
export function decimalsOf(currency: string): number {
  return DECIMALS.get(currency) ?? HUNDREDTHS;
}

const NOT_STATED = 'unit not stated';

/**
 * An amount in words: `369.52 EUR`. Where the schema does not say what the number counts, or the currency is none of
 * ISO 4217, the number stays as it is and the text says so. Undefined for what is no number.
 */
export function amountOf(value: unknown, unit: Amount['unit'], currency: unknown): Amount | undefined {
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  const known = isCurrency(currency) ? currency : null;
  const decimals = known === null ? 0 : decimalsOf(known);
  const isStated = unit !== null && known !== null;
  const number = isStated ? plainDecimal(value, unit === 'minor' ? -decimals : 0, decimals) : plainDecimal(value, 0, 0);
  if (number === undefined) return undefined;
  const named = known === null ? number : `${number} ${known}`;
  if (isStated) return { unit, currency: known, decimals, text: named };
  const missing = unit === null ? NOT_STATED : `${unit} units, currency not known`;
  return { unit, currency: known, decimals, text: `${named} (${missing})` };
}
