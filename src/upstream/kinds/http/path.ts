import { replaceSecrets } from '../../../kernel/secret-reference.ts';

/** `{name}` in a path template. */
export const PLACEHOLDER = /\{([A-Za-z0-9_-]{1,64})\}/g;

/** What is wrong with a path template, or null. */
export function pathProblem(template: string): string | null {
  const plain = replaceSecrets(template, () => 'x').replace(PLACEHOLDER, 'x');
  if (!template.startsWith('/')) return "the path starts with a slash; the origin is the connector's";
  if (plain.includes('//')) return 'the path has an empty segment';
  if (/[{}]/.test(plain))
    return 'a placeholder is {name}, with letters, digits, _ and - in the name, and a secret is {{secret:NAME}}';
  if (/[?#]/.test(plain)) return 'the query is set with "query", not in the path';
  if (!/^(?:[\w.~!$&'()*+,;=:@/-]|%[0-9a-f]{2})*$/i.test(plain)) return 'the path must be percent-encoded';
  if (/%(?:2[5ef]|5c|[01][0-9a-f]|7f)/i.test(plain))
    return 'the path hides a dot, a slash, a percent sign or a control character';
  if (leavesItsPlace(plain)) return 'the path may not have . or .. segments';
  return null;
}

/** The argument names of a path template, each once. */
export function placeholdersOf(template: string): string[] {
  return [...new Set([...template.matchAll(PLACEHOLDER)].map(([, name]) => name!))];
}

/**
 * True if some server on the way could read the path as leading elsewhere: `.` or `..` as a segment, also
 * percent-encoded once or several times, behind an encoded slash or backslash, or with a path parameter
 * (`..;x`); and control characters.
 */
export function leavesItsPlace(path: string): boolean {
  const unfolded = path
    .replace(/%(?:25)*2e/gi, '.')
    .replace(/%(?:25)*(?:2f|5c)/gi, '/')
    .replace(/%(?:25)*3b/gi, ';');
  return /(?:^|\/)\.{1,2}(?:[;/]|$)/.test(unfolded) || /%(?:25)*(?:[01][0-9a-f]|7f)/i.test(unfolded);
}
