/** What a spreadsheet takes for the beginning of a formula, the full-width forms included. */
const FORMULA = '=+\\-@＝＋－＠';
const LEADS_IN = new RegExp(`^[\\s"]*[${FORMULA}]|^[\\t\\r\\n]`, 'u');
/** The same behind what may separate fields for a spreadsheet that was told so: it does not heed quotes there. */
const INSIDE = new RegExp(`([;|,\\t\\r\\n])(?=[\\s"]*[${FORMULA}])`, 'gu');

/**
 * One CSV field (RFC 4180). What a spreadsheet would take for a formula, whichever separator it is opened with, gets an
 * apostrophe in front, as OWASP's note on CSV injection says.
 */
export function csvCell(text: string): string {
  const inert = text.replace(INSIDE, "$1'");
  return quoted(LEADS_IN.test(inert) ? `'${inert}` : inert);
}

const JSON_TEXT = /"(?:[^"\\]|\\.)*"/g;
const NOT_PLAIN = new RegExp(`[;|]|(?<=[^\\p{L}\\p{N}]\\s*)[${FORMULA}]`, 'gu');

/**
 * A CSV field that holds JSON, which stays the same JSON: inside its texts, what separates fields and what begins a
 * formula is written as an escape (`\u003b`). Outside of texts JSON has no such character but the signs of numbers.
 */
export function csvJsonCell(json: string): string {
  const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return quoted(json.replace(JSON_TEXT, (text) => text.replace(NOT_PLAIN, escaped)));
}

function quoted(field: string): string {
  return /[",;|\t\r\n']/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
