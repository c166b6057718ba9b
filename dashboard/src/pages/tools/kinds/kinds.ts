import { http } from './http.tsx';
import type { KindForm } from './kind-form.ts';
import { mcp, mcpContext } from './mcp.tsx';
import { noop } from './noop.ts';

/** The forms of the kinds that can be set up here, by the kind's name. */
export const KIND_FORMS: Readonly<Record<string, KindForm>> = {
  http,
  mcp,
  mcp_context: mcpContext,
  noop,
};
