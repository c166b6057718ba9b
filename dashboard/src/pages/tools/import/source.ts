/** Where a document comes from. */
export type Source = { readonly url: string } | { readonly text: string } | { readonly file: File };

/** A request with its document, as the API takes both together. */
export function formOf(source: Source, request: object): FormData {
  const form = new FormData();
  form.set('request', JSON.stringify('url' in source ? { ...request, url: source.url } : request));
  if ('text' in source) form.set('document', new Blob([source.text]), 'openapi.txt');
  if ('file' in source) form.set('document', source.file, source.file.name);
  return form;
}

/** Where secrets for a base URL are bound to: its host, with the port where it is not https on 443. */
export function hostOf(baseUrl: string): string | null {
  const url = URL.parse(baseUrl);
  if (url === null) return null;
  if (url.protocol === 'https:') return url.host;
  return url.port === '' ? `${url.hostname}:80` : url.host;
}
