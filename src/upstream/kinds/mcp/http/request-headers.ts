import { headerText } from '../../../../kernel/header-text.ts';
import type { JsonText } from '../../../outcome.ts';
import { MODERN } from '../versions.ts';

const NAMED_BY: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
};

/** What the later revision repeats of a request in its headers. */
export function modernHeaders(method: string, params: Readonly<Record<string, JsonText>>): string[] {
  const headers = ['mcp-protocol-version', MODERN, 'mcp-method', method];
  const name = params[NAMED_BY[method] ?? ''];
  return name === undefined ? headers : [...headers, 'mcp-name', headerText(JSON.parse(name) as string)];
}
