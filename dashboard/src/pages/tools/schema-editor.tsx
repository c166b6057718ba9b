import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useDeferredValue } from 'react';
import { ask } from '../../api/http.ts';
import { Note } from '../../components/badge.tsx';
import { TextArea } from '../../components/field.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { useSlug } from '../../workspace.tsx';

export type SchemaCheck = {
  readonly ok: boolean;
  readonly fault?: { readonly path: string; readonly reason: string };
  /** What is kept and has no effect, as a misspelt keyword. */
  readonly notes: readonly { readonly path: string; readonly reason: string }[];
  readonly errors: readonly { readonly path: string; readonly message: string }[];
  readonly highlights: readonly { readonly role: string; readonly path: string }[];
};

/** JSON that must be an object, or a sentence about what is wrong. */
export function readObject(text: string): { readonly value: Record<string, unknown> } | { readonly fault: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { fault: 'Write a JSON object: { … }' };
    return { value: value as Record<string, unknown> };
  } catch (fault) {
    return { fault: `This is not JSON yet. ${(fault as Error).message}` };
  }
}

/** Asks the gate itself whether a schema is acceptable, by the same code that will hold calls against it. */
export function useSchemaCheck(text: string) {
  const slug = useSlug();
  const settled = useDeferredValue(text);
  const read = readObject(settled);
  const check = useQuery({
    queryKey: [slug, 'schema-check', settled],
    queryFn: ({ signal }) => {
      if ('fault' in read) throw new Error(read.fault);
      return ask<SchemaCheck>('/v1/tools/check-schema', {
        method: 'POST',
        workspace: slug,
        body: { input_schema: read.value },
        signal,
      });
    },
    enabled: 'value' in read,
    placeholderData: (before) => before,
    gcTime: 30_000,
  });
  return { read, check: 'value' in read ? check.data : undefined, problem: check.error };
}

/** The schema as text, checked while it is written, with what an approver will see of it. */
export function SchemaEditor({ text, onChange }: { text: string; onChange: (text: string) => void }): ReactNode {
  const { read, check, problem } = useSchemaCheck(text);
  const fault = 'fault' in read ? read.fault : check?.fault && `${check.fault.path} ${check.fault.reason}`;
  return (
    <div className="grid gap-2">
      <TextArea
        label="Input schema"
        hint={
          'JSON Schema 2020-12. Mark what an approver must see with "x-countersign": "recipient", "amount", "currency" or "subject".'
        }
        error={fault}
        rows={18}
        spellCheck={false}
        className="font-mono text-[0.8125rem] leading-relaxed"
        value={text}
        onChange={(event) => onChange(event.target.value)}
      />
      <ProblemNote problem={problem} />
      {check?.ok && (
        <div data-schema="ok">
          <Note tone="good" title="The schema is acceptable.">
            {check.highlights.length === 0
              ? 'An approval card will take nothing out of the payload: no member is marked.'
              : `On the approval card: ${check.highlights.map(({ role, path }) => `${role} at ${path}`).join(', ')}.`}
          </Note>
        </div>
      )}
      {check?.ok && check.notes.length > 0 && (
        <div data-schema="notes">
          <Note tone="care" title="Parts of it have no effect.">
            <ul>
              {check.notes.map(({ path, reason }) => (
                <li key={path}>
                  <code>{path}</code>: {reason}
                </li>
              ))}
            </ul>
          </Note>
        </div>
      )}
    </div>
  );
}
