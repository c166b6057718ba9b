import { http } from './http.tsx';
import type { KindForm } from './kind-form.ts';

/** Its tools are made by importing a document; what differs from an HTTP request is what they were imported from. */
export const openapi: KindForm = {
  runs: 'an imported operation (OpenAPI)',
  handler: { ...http.handler, first: { method: 'GET', path: '/', operation: 'GET /' } },
  connector: http.connector,
};
