import { isObject, type Json } from './parse.ts';

/** Where a document says that its API is, as base URLs for a connector, each once. */
export function serversOf(document: Json, url: string | null): string[] {
  const servers = Array.isArray(document.servers) ? document.servers : [];
  const found = servers.map((server) => serverOf(server, url)).filter((server) => server !== null);
  if (found.length === 0 && url !== null) found.push(new URL(url).origin);
  return [...new Set(found)].slice(0, 50);
}

/** One server with the defaults of its variables, without a slash at its end; null for none of http or https. */
export function serverOf(server: unknown, base: string | null): string | null {
  if (!isObject(server) || typeof server.url !== 'string') return null;
  const variables = isObject(server.variables) ? server.variables : {};
  const filled = server.url.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
    const variable = variables[name];
    return isObject(variable) && variable.default !== undefined ? String(variable.default) : whole;
  });
  const url = base === null ? URL.parse(filled) : URL.parse(filled, base);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '') return null;
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
