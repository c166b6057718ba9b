import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { queries } from '../../api/queries.ts';
import type { AuditLink, ExecutionDetail } from '../../api/types.ts';
import { Loaded } from '../../components/loaded.tsx';
import { rowsOf } from '../../components/pages.tsx';
import { Time } from '../../components/time.tsx';
import { useHere, useMay, useSlug } from '../../workspace.tsx';

/** The links of the audit chain that tell of a call and of its approval. */
export function CallAudit({ call }: { call: ExecutionDetail }): ReactNode {
  const { workspace } = useHere();
  const may = useMay();
  return (
    <section aria-labelledby="call-audit">
      <h2 id="call-audit" className="caps mb-2">
        Audit entries
      </h2>
      {may('audit.read') ? (
        <Entries call={call} />
      ) : (
        <p className="text-sm text-soft">
          As {workspace.role} you do not read the audit log. The entries are there all the same.
        </p>
      )}
    </section>
  );
}

function Entries({ call }: { call: ExecutionDetail }): ReactNode {
  const slug = useSlug();
  const ofCall = useInfiniteQuery(queries.audit(slug, { resource: call.id }));
  const ofApproval = useInfiniteQuery({
    ...queries.audit(slug, { resource: call.approval_id ?? '' }),
    enabled: call.approval_id !== null,
  });
  return (
    <Loaded query={ofCall} rows={2}>
      {(data) => {
        const links = [...rowsOf(data), ...(call.approval_id ? rowsOf(ofApproval.data) : [])].sort(
          (a, b) => a.seq - b.seq,
        );
        if (links.length === 0) return <p className="text-sm text-soft">They follow within a moment.</p>;
        return (
          <ol className="grid text-sm">
            {links.map((link) => (
              <Entry key={link.seq} link={link} />
            ))}
          </ol>
        );
      }}
    </Loaded>
  );
}

function Entry({ link: { seq, entry } }: { link: AuditLink }): ReactNode {
  const slug = useSlug();
  return (
    <li className="flex items-baseline gap-3 border-b border-rule py-1 last:border-0">
      <span className="w-12 text-right font-mono text-xs text-soft">{seq}</span>
      <Link
        to="/w/$slug/audit"
        params={{ slug }}
        search={{ resource: entry.resource.id, seq: String(seq) }}
        className="inline-block min-h-6 flex-1 font-semibold text-accent hover:underline"
      >
        {entry.event_type}
      </Link>
      <span className="text-soft">
        <Time at={entry.at} clock />
      </span>
    </li>
  );
}
