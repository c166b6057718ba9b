const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const TIME = /^([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$/;
const DATE_LENGTH = 10;
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** `full-date` of RFC 3339: a day of the Gregorian calendar. */
export function isDate(text: string): boolean {
  const found = text.length === DATE_LENGTH ? DATE.exec(text) : null;
  if (found === null) return false;
  const [year = 0, month = 0, day = 0] = found.slice(1).map(Number);
  if (month < 1 || month > 12 || day < 1 || day > (DAYS[month - 1] as number)) return false;
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return isLeap || month !== 2 || day < 29;
}

/** `full-time` of RFC 3339. A leap second is the last of a day in UTC. */
export function isTime(text: string): boolean {
  const found = TIME.exec(text);
  if (found === null) return false;
  const [, hours, minutes, seconds, sign, awayHours = '0', awayMinutes = '0'] = found;
  const [hour, minute, second, away, awayMinute] = [hours, minutes, seconds, awayHours, awayMinutes].map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ];
  if (hour > 23 || minute > 59 || second > 60 || away > 23 || awayMinute > 59) return false;
  if (second < 60) return true;
  const offset = (away * 60 + awayMinute) * (sign === '-' ? -1 : 1);
  return (hour * 60 + minute - offset + 2 * 1440) % 1440 === 1439;
}

/** `date-time` of RFC 3339. */
export function isDateTime(text: string): boolean {
  return (
    /^[Tt]$/.test(text.charAt(DATE_LENGTH)) && isDate(text.slice(0, DATE_LENGTH)) && isTime(text.slice(DATE_LENGTH + 1))
  );
}

const DATE_PART = '(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)';
const TIME_PART = 'T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S)';
const DURATION = new RegExp(`^P(?:[0-9]+W|${DATE_PART}(?:${TIME_PART})?|${TIME_PART})$`);
/** More digits than any clock has, and few enough that trying each branch costs nothing. */
const MOST_DURATION = 200;

/** `duration` of RFC 3339, appendix A. */
export const isDuration = (text: string): boolean => text.length <= MOST_DURATION && DURATION.test(text);
