import type { ReactNode } from 'react';
import type { AuditEntry, AuditLink } from '../../api/types.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Facts } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { Snippet } from '../../components/snippet.tsx';
import { Time } from '../../components/time.tsx';
import { IdLink, isPageId, useName } from '../../names.tsx';
import { Structured } from '../../payload/structured.tsx';
import { changes } from './changes.ts';

/** One link of the chain: the entry, what was before and after, and the hashes that hold it. */
export function EntryDialog({ link, onClose }: { link: AuditLink; onClose: () => void }): ReactNode {
  const { seq, entry, prev_hash, hash } = link;
  const differences = changes(entry.before_state, entry.after_state);
  return (
    <Dialog open onClose={onClose} title={`Entry ${seq}: ${entry.event_type}`} wide>
      <div className="grid gap-5">
        <Facts
          items={[
            ['When', <Time key="at" at={entry.at} full />],
            ['Actor', <Actor key="actor" actor={entry.actor} />],
            ['About', <Thing key="about" kind={entry.resource.kind} id={entry.resource.id} />],
            ['Outcome', entry.outcome],
            ...(entry.payload_sha256
              ? ([['Payload', <Hash key="payload" hex={entry.payload_sha256} />]] as const)
              : []),
          ]}
        />
        {differences.length > 0 && (
          <section>
            <h3 className="caps mb-1">Before and after</h3>
            {/* Both columns have half of what is there; on a phone one stands under the other. */}
            <table className="w-full table-fixed text-left text-sm max-sm:block">
              <thead className="max-sm:sr-only">
                <tr className="border-b border-edge">
                  <th scope="col" className="w-1/4 py-1 pr-4 font-semibold">
                    Member
                  </th>
                  <th scope="col" className="py-1 pr-4 font-semibold">
                    Before
                  </th>
                  <th scope="col" className="py-1 font-semibold">
                    After
                  </th>
                </tr>
              </thead>
              <tbody className="max-sm:block">
                {differences.map(({ member, before, after }) => (
                  <tr key={member} className="border-b border-rule align-top last:border-0 max-sm:block max-sm:py-2">
                    <th
                      scope="row"
                      className="py-1 pr-4 font-mono text-xs font-normal wrap-anywhere text-soft max-sm:block max-sm:pr-0"
                    >
                      {member}
                    </th>
                    <Side label="Before" text={before} />
                    <Side label="After" text={after} />
                  </tr>
                ))}
              </tbody>
            </table>
          </section>
        )}
        {entry.data && (
          <section>
            <h3 className="caps mb-1">Data</h3>
            <Data data={entry.data} />
          </section>
        )}
        <section>
          <h3 className="caps mb-1">Chain</h3>
          <Facts
            items={[
              ['Before', <Hash key="prev" hex={prev_hash} />],
              ['This', <Hash key="hash" hex={hash} />],
            ]}
          />
        </section>
        <details>
          <summary className="w-fit py-1 text-sm font-semibold text-accent">The entry as JSON</summary>
          <Snippet label="Entry" text={JSON.stringify(entry, null, 2)} />
        </details>
      </div>
    </Dialog>
  );
}

/** One side of a difference. Its place says which, and on a phone its label. */
function Side({ label, text }: { label: 'Before' | 'After'; text: string | undefined }): ReactNode {
  const Mark = label === 'Before' ? 'del' : 'ins';
  return (
    <td className={`py-1 wrap-anywhere max-sm:block ${label === 'Before' ? 'pr-4 text-no max-sm:pr-0' : 'text-yes'}`}>
      <span aria-hidden="true" className="caps mr-2 sm:hidden">
        {label}
      </span>
      {text === undefined ? (
        '–'
      ) : (
        <Mark className="no-underline">{isPageId(text) ? <IdLink id={text} /> : <SafeText text={text} block />}</Mark>
      )}
    </td>
  );
}

function Actor({ actor }: { actor: AuditEntry['actor'] }): ReactNode {
  return (
    <>
      <Thing kind={actor.kind} id={actor.id} />
      {actor.ip && (
        <>
          {' '}
          from <SafeText text={actor.ip} />
        </>
      )}
    </>
  );
}

/** What an entry names: its kind, its name, and its id, which leads to its page. */
function Thing({ kind, id }: { kind: string; id: string }): ReactNode {
  const name = useName(id);
  return (
    <>
      {kind.replaceAll('_', ' ')}{' '}
      {name && (
        <strong>
          <SafeText text={name} />
        </strong>
      )}{' '}
      <IdLink id={id} />
    </>
  );
}

/** What else an entry says; ids in it lead to their pages. */
function Data({ data }: { data: NonNullable<AuditEntry['data']> }): ReactNode {
  return (
    <Facts
      items={Object.entries(data).map(([name, value]) => [
        name,
        typeof value === 'string' && isPageId(value) ? (
          <IdLink key={name} id={value} />
        ) : (
          <Structured key={name} value={value} />
        ),
      ])}
    />
  );
}

function Hash({ hex }: { hex: string }): ReactNode {
  return <code className="font-mono text-xs break-all">{hex}</code>;
}
