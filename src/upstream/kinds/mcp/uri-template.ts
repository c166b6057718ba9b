/**
 * Whether a URI is one that a template (RFC 6570) makes, for the simple forms: `{name}` stands for a part without a slash,
 * `{+name}` and `{/name*}` for any, `{?a,b}` for a query. Segments that lead elsewhere (`..`) match nothing. A template of
 * another form matches nothing, either.
 */
export function matchesTemplate(template: string, uri: string): boolean {
  if (uri.length > 2_048 || /(?:^|[/\\])(?:\.|%2e){1,2}(?:[/\\?#]|$)/i.test(uri) || /%(?:2f|5c|00)/i.test(uri))
    return false;
  let at = 0;
  let rest = uri;
  // The literal parts are looked for one after the other, so that no pattern has to be tried in many ways.
  for (const match of template.matchAll(/\{([^{}]*)\}/g)) {
    const literal = template.slice(at, match.index);
    if (!rest.startsWith(literal)) return false;
    rest = rest.slice(literal.length);
    at = match.index + match[0].length;
    const form = /^([+/?]?)([\w.%]+(?:,[\w.%]+)*)(\*?)$/.exec(match[1]!);
    if (form === null) return false;
    const next = template.slice(at).split('{', 1)[0]!;
    if (form[1] === '?') {
      if (next !== '' || at !== template.length) return false;
      return rest === '' || rest.startsWith('?');
    }
    const end = next === '' ? (at === template.length ? rest.length : lengthOf(rest, form[1]!)) : rest.indexOf(next, 1);
    if (end <= 0) return false;
    const value = rest.slice(0, end);
    if (form[1] === '' ? /[/?#]/.test(value) : /[?#]/.test(value)) return false;
    rest = rest.slice(end);
  }
  return at > 0 && rest === template.slice(at);
}

function lengthOf(rest: string, form: string): number {
  const end = rest.search(form === '' ? /[/?#]/ : /[?#]/);
  return end === -1 ? rest.length : end;
}
