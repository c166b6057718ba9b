import type { ReactNode } from 'react';
import type { AuditLink } from '../../api/types.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Facts } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { Snippet } from '../../components/snippet.tsx';
import { Time } from '../../components/time.tsx';
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
            [
              'Actor',
              <SafeText
                key="actor"
                text={`${entry.actor.kind} ${entry.actor.id}${entry.actor.ip ? ` from ${entry.actor.ip}` : ''}`}
              />,
            ],
            ['About', <SafeText key="about" text={`${entry.resource.kind} ${entry.resource.id}`} />],
            ['Outcome', entry.outcome],
            ...(entry.payload_sha256
              ? ([['Payload', <Hash key="payload" hex={entry.payload_sha256} />]] as const)
              : []),
          ]}
        />
        {differences.length > 0 && (
          <section>
            <h3 className="caps mb-1">Before and after</h3>
            <div className="overflow-x-auto">
              <table className="w-full text-left text-sm">
                <thead>
                  <tr className="border-b border-edge">
                    <th scope="col" className="py-1 pr-4 font-semibold">
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
                <tbody>
                  {differences.map(({ member, before, after }) => (
                    <tr key={member} className="border-b border-rule align-top last:border-0">
                      <th scope="row" className="py-1 pr-4 font-mono text-xs font-normal break-all text-soft">
                        {member}
                      </th>
                      <td className="py-1 pr-4 break-words text-no">
                        {before === undefined ? (
                          '–'
                        ) : (
                          <del className="no-underline">
                            <SafeText text={before} block />
                          </del>
                        )}
                      </td>
                      <td className="py-1 break-words text-yes">
                        {after === undefined ? (
                          '–'
                        ) : (
                          <ins className="no-underline">
                            <SafeText text={after} block />
                          </ins>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </section>
        )}
        {entry.data && (
          <section>
            <h3 className="caps mb-1">Data</h3>
            <Structured value={entry.data} />
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

function Hash({ hex }: { hex: string }): ReactNode {
  return <code className="font-mono text-xs break-all">{hex}</code>;
}
