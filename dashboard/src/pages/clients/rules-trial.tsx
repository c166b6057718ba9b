import { type ReactNode, useState } from 'react';
import type { Policy, ToolView } from '../../api/types.ts';
import { Note, PolicyBadge } from '../../components/badge.tsx';
import { TextArea } from '../../components/field.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { readObject } from '../tools/schema-editor.tsx';
import { exampleOf } from './example.ts';
import type { RuleDraft } from './rule-draft.ts';
import { useRulesCheck } from './rules-check.ts';

type Props = {
  tool: ToolView;
  rules: readonly RuleDraft[];
  base: Policy;
  fields: readonly { readonly path: string; readonly type: string }[];
  problem: Error | null;
};

/** What conditions can look at, and what the rules would say of a call with arguments that somebody writes. */
export function RulesTrial({ tool, rules, base, fields, problem }: Props): ReactNode {
  const [text, setText] = useState(() => JSON.stringify(exampleOf(tool.input_schema), null, 2));
  const read = readObject(text);
  const args = 'value' in read ? read.value : undefined;
  const trial = useRulesCheck(tool.id, rules, base, args);
  return (
    <div className="grid gap-3">
      <ProblemNote problem={problem ?? trial.problem} />
      <details className="text-sm">
        <summary className="w-fit py-1 font-semibold text-accent">What a condition sees</summary>
        <ul className="grid gap-x-4 gap-y-0.5 pt-1 font-mono text-xs sm:grid-cols-2">
          {[...fields, ...ALWAYS].map(({ path, type }) => (
            <li key={path} className="wrap-anywhere">
              <SafeText text={path} /> <span className="text-soft">{type}</span>
            </li>
          ))}
        </ul>
      </details>
      <TextArea
        label="Try the rules on these arguments"
        error={'fault' in read ? read.fault : undefined}
        rows={5}
        spellCheck={false}
        className="font-mono text-[0.8125rem] leading-relaxed"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div aria-live="polite" data-trial={trial.said?.policy ?? 'none'}>
        {'value' in read && <Said trial={trial} />}
      </div>
    </div>
  );
}

const ALWAYS = [
  { path: 'principal.kind', type: 'string' },
  { path: 'principal.id', type: 'string' },
  { path: 'tool.name', type: 'string' },
  { path: 'tool.effect', type: 'string' },
  { path: 'run.labels', type: 'list of string' },
  { path: 'now', type: 'timestamp' },
];

function Said({ trial }: { trial: ReturnType<typeof useRulesCheck> }): ReactNode {
  const { said, wrongArguments, hasFaults } = trial;
  if (wrongArguments.length > 0) {
    return (
      <Note tone="care" title="The call would be refused before any rule is asked.">
        <ul>
          {wrongArguments.map(({ path, message }) => (
            <li key={`${path} ${message}`}>
              <code>{path}</code> {message}
            </li>
          ))}
        </ul>
      </Note>
    );
  }
  if (said === null)
    return hasFaults ? (
      <p className="text-sm text-soft">Once the conditions are right, what they say of this call stands here.</p>
    ) : null;
  return (
    <Note tone={said.fault === null ? 'act' : 'care'} title="A call with these arguments">
      <PolicyBadge policy={said.policy} />{' '}
      {said.rule === null ? (
        'by the grant itself: no rule raises it.'
      ) : (
        <>
          by the rule <SafeText text={said.rule} />
          {said.fault === null ? '.' : ', which could not be evaluated: '}
          {said.fault !== null && <SafeText text={said.fault} />}
        </>
      )}
    </Note>
  );
}
