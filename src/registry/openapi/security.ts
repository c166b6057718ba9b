import type { Provider, Scheme } from './drafts.ts';
import { secretName } from './names.ts';
import { isObject, type Json } from './parse.ts';
import type { References } from './references.ts';
import { plain } from './schema.ts';

/** The security schemes of a document, each with the place that a secret would have in what the connector sends. */
export function schemesOf(document: Json, references: References, prefix: string, server: string | null): Scheme[] {
  const components = isObject(document.components) ? document.components : {};
  const schemes = isObject(components.securitySchemes) ? components.securitySchemes : {};
  return Object.entries(schemes).flatMap(([scheme, value]) => {
    const resolved = references.follow({ value, document: '' });
    if (!resolved.ok || !isObject(resolved.place.value)) return [];
    const given = resolved.place.value;
    const oauth = given.type === 'oauth2' ? providerOf(given, server) : null;
    return [{ scheme: plain(scheme, 100), secret: secretName(prefix, scheme), ...sent(given), oauth }];
  });
}

function sent(scheme: Json): Pick<Scheme, 'about' | 'sends'> {
  const name = typeof scheme.name === 'string' ? plain(scheme.name, 100) : '';
  const kind = typeof scheme.scheme === 'string' ? scheme.scheme.toLowerCase() : '';
  switch (scheme.type) {
    case 'apiKey':
      if (scheme.in === 'header')
        return { about: `header ${name}`, sends: { in: 'header', name, value: '{{secret}}' } };
      if (scheme.in === 'query')
        return { about: `${name} in the query`, sends: { in: 'query', name, value: '{{secret}}' } };
      if (scheme.in === 'cookie') return { about: `cookie ${name}`, sends: header('Cookie', `${name}={{secret}}`) };
      return { about: 'an API key', sends: null };
    case 'http':
      if (kind === 'basic')
        return {
          about: 'user name and password (the secret is "name:password" in base64)',
          sends: header('Authorization', 'Basic {{secret}}'),
        };
      if (kind === 'bearer') return { about: 'Bearer token', sends: header('Authorization', 'Bearer {{secret}}') };
      return { about: `HTTP ${plain(kind, 40)}`, sends: null };
    case 'oauth2':
    case 'openIdConnect':
      return { about: 'OAuth access token', sends: header('Authorization', 'Bearer {{secret}}') };
    default:
      return { about: plain(String(scheme.type), 40), sends: null };
  }
}

const SCOPES_MAX = 64;

/** The provider of the authorization code flow: the one in which people authorize. `server` is what its URLs are relative to. */
function providerOf({ flows }: Json, server: string | null): Provider | null {
  const flow = isObject(flows) ? flows.authorizationCode : undefined;
  if (!isObject(flow)) return null;
  const [authorize_url, token_url] = [flow.authorizationUrl, flow.tokenUrl].map((url) => absolute(url, server));
  if (!authorize_url || !token_url) return null;
  const scopes = isObject(flow.scopes) ? Object.keys(flow.scopes) : [];
  return {
    authorize_url,
    token_url,
    // What no scope looks like would be refused with the whole connector.
    scopes: scopes.filter((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/.test(scope)).slice(0, SCOPES_MAX),
  };
}

function absolute(url: unknown, server: string | null): string | null {
  if (typeof url !== 'string' || url.length > 2048) return null;
  const read = server === null ? URL.parse(url) : URL.parse(url, `${server}/`);
  const isUsable = read !== null && /^https?:$/.test(read.protocol) && read.username === '' && read.hash === '';
  return isUsable ? read.href : null;
}

function header(name: string, value: string): NonNullable<Scheme['sends']> {
  return { in: 'header', name, value };
}
