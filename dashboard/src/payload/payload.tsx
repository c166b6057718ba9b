import { memo, type ReactNode, useMemo } from 'react';
import { countSuspicious } from '../../../src/kernel/safe-text/inspect.ts';
import { Note } from '../components/badge.tsx';
import { Facts } from '../components/panel.tsx';
import { SafeText } from '../components/safe-text.tsx';
import type { Envelope, Highlight } from './envelope.ts';
import { Raw } from './raw.tsx';
import { Structured } from './structured.tsx';

export type PayloadView = 'fields' | 'raw';

/** What is hidden in a payload, said before it is read. */
export function SuspicionNote({ value, what = 'This payload' }: { value: unknown; what?: string }): ReactNode {
  const { hidden, lookAlikes, blanks } = useMemo(() => countSuspicious(value), [value]);
  if (hidden + lookAlikes + blanks === 0) return null;
  const parts = [
    hidden > 0 && `${hidden} hidden character${hidden > 1 ? 's' : ''}`,
    lookAlikes > 0 && `${lookAlikes} look-alike word${lookAlikes > 1 ? 's' : ''}`,
    blanks > 0 && `${blanks} long blank${blanks > 1 ? 's' : ''}`,
  ].filter((part) => part !== false);
  const last = parts.pop();
  return (
    <Note tone="care" title={`${what} has ${parts.length > 0 ? `${parts.join(', ')} and ` : ''}${last}.`}>
      They are marked below where they stand. Ordinary text has none.
    </Note>
  );
}

/** The pinned bytes in one of two views: as fields, or exactly as they were hashed. */
export const Payload = memo(function Payload({
  envelope,
  canonical,
  highlights,
  view,
  shown,
}: {
  envelope: Envelope;
  canonical: string;
  highlights: readonly Highlight[];
  view: PayloadView;
  /** Places that stand above the payload already, by `pathKey`. */
  shown: ReadonlySet<string>;
}): ReactNode {
  if (view === 'raw') return <Raw canonical={canonical} />;
  const {
    arguments: args,
    v: _v,
    tenant_id: _tenant,
    principal: _principal,
    tool: _tool,
    policy: _policy,
    ...rest
  } = envelope;
  return (
    <>
      <Structured value={args} highlights={highlights} shown={shown} />
      <details className="mt-3 border-t border-rule pt-2 text-sm">
        <summary className="w-fit py-1 font-semibold text-accent">What else is pinned</summary>
        <div className="pt-1 font-mono text-xs break-all">
          <Facts
            items={[
              ['principal', <SafeText key="p" text={`${envelope.principal.kind} ${envelope.principal.id}`} />],
              ['definition', envelope.tool.definition_sha256],
              ['policy', envelope.policy],
              ...Object.entries(rest).map(
                ([name, value]) =>
                  [
                    name,
                    <SafeText key={name} text={typeof value === 'string' ? value : JSON.stringify(value)} />,
                  ] as const,
              ),
            ]}
          />
        </div>
      </details>
    </>
  );
});
