import type { Draft } from './drafts.ts';
import { isObject } from './parse.ts';

/** A tool that was imported before, as far as an import changes it. */
export type KnownTool = {
  readonly id: string;
  readonly operation: string;
  readonly name: string;
  readonly input_schema: unknown;
  readonly handler_config: unknown;
};

/** What of a handler's config follows from the document; the rest is whoever reviewed the tool's. */
export const FROM_DOCUMENT = ['method', 'path', 'query', 'header_arguments', 'body'] as const;

/** What an operation's new definition does to the tool that it was, a few words each. None where it is the same. */
export function changesOf({ input_schema: before, handler_config: was }: KnownTool, draft: Draft): string[] {
  const changes: string[] = [];
  const old = membersOf(before);
  const now = membersOf(draft.input_schema);
  for (const name of Object.keys(now.properties)) {
    if (!Object.hasOwn(old.properties, name)) changes.push(`new argument ${name}`);
    else if (text(old.properties[name]) !== text(now.properties[name]))
      changes.push(`argument ${name} is described otherwise`);
  }
  for (const name of Object.keys(old.properties)) {
    if (!Object.hasOwn(now.properties, name)) changes.push(`argument ${name} is gone`);
  }
  for (const name of now.required) if (!old.required.includes(name)) changes.push(`${name} is needed now`);
  for (const name of old.required) if (!now.required.includes(name)) changes.push(`${name} may be left out now`);
  const [config, next] = [was, draft.handler_config].map((each) => (isObject(each) ? each : {}));
  for (const part of FROM_DOCUMENT)
    if (text(config![part]) !== text(next![part])) changes.push(`${part} is sent otherwise`);
  if (changes.length === 0 && text(before) !== text(draft.input_schema))
    changes.push('the arguments fit together otherwise');
  return changes.slice(0, 50);
}

function membersOf(schema: unknown): { properties: Record<string, unknown>; required: readonly string[] } {
  const { properties, required } = isObject(schema) ? schema : {};
  return {
    properties: isObject(properties) ? properties : {},
    required: Array.isArray(required) ? required.map(String) : [],
  };
}

/** A value as a text that is the same for the same value, in whatever order its members are. */
function text(value: unknown): string {
  return (
    JSON.stringify(value, (_, each) =>
      isObject(each) ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1))) : each,
    ) ?? ''
  );
}
