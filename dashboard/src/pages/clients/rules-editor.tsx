import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useId } from 'react';
import { DEFAULT_POLICY } from '../../../../src/kernel/codes.ts';
import { queries } from '../../api/queries.ts';
import type { Policy, ToolView } from '../../api/types.ts';
import { Button } from '../../components/button.tsx';
import { Select, TextArea, TextField } from '../../components/field.tsx';
import { useSlug } from '../../workspace.tsx';
import type { RuleDraft } from './rule-draft.ts';
import { type RuleFault, useRulesCheck } from './rules-check.ts';
import { RulesTrial } from './rules-trial.tsx';

type Props = {
  toolId: string;
  /** The grant's own policy; empty for the default of the tool's effect. */
  policy: string;
  rules: readonly RuleDraft[];
  onChange: (rules: readonly RuleDraft[]) => void;
  /** What the API said about a field of a rule when it refused to save. */
  refused: (field: string) => string | undefined;
};

const RAISES: readonly (readonly [Policy, string])[] = [
  ['approve', 'approve: one person agrees first'],
  ['approve-dual', 'approve-dual: two people agree first'],
];

/** The rules that raise a grant's policy, checked against the tool's schema while they are written, and tried on a call. */
export function RulesEditor({ toolId, policy, rules, onChange, refused }: Props): ReactNode {
  const slug = useSlug();
  const tool = useQuery({ ...queries.tool(slug, toolId), enabled: toolId !== '' }).data as ToolView | undefined;
  const base = (policy || (tool && DEFAULT_POLICY[tool.effect]) || 'auto') as Policy;
  const check = useRulesCheck(toolId, rules, base);
  const change = (at: number, part: Partial<RuleDraft>): void =>
    onChange(rules.map((rule, index) => (index === at ? { ...rule, ...part } : rule)));
  const move = (at: number, by: -1 | 1): void => {
    const next = [...rules];
    [next[at], next[at + by]] = [next[at + by]!, next[at]!];
    onChange(next);
  };
  const add = (): void => {
    const key = `new-${crypto.getRandomValues(new Uint32Array(1))[0]}`;
    onChange([...rules, { key, name: '', when: '', policy: base === 'auto' ? 'approve' : 'approve-dual' }]);
  };
  return (
    <fieldset className="grid gap-3 border-t border-rule pt-3">
      <legend className="text-sm font-semibold">Rules</legend>
      <p className="text-[0.8125rem] text-soft">
        A rule raises the policy for calls that its condition holds for, and never lowers it. Of several the strictest
        applies. A condition that cannot be evaluated asks for two people.
      </p>
      {rules.length > 0 && (
        <ol className="grid gap-3">
          {rules.map((rule, at) => (
            <Rule
              key={rule.key}
              rule={rule}
              place={at}
              last={at === rules.length - 1}
              faults={check.faultsOf(at)}
              refused={(member) => refused(`rules.${at}.${member}`)}
              onChange={(part) => change(at, part)}
              onMove={(by) => move(at, by)}
              onRemove={() => onChange(rules.filter((_, index) => index !== at))}
            />
          ))}
        </ol>
      )}
      <div>
        <Button icon="plus" disabled={toolId === ''} onClick={add}>
          Add a rule
        </Button>
      </div>
      {rules.length > 0 && tool && (
        <RulesTrial tool={tool} rules={rules} base={base} fields={check.fields} problem={check.problem} />
      )}
    </fieldset>
  );
}

type RuleProps = {
  rule: RuleDraft;
  place: number;
  last: boolean;
  faults: readonly RuleFault[];
  refused: (member: string) => string | undefined;
  onChange: (part: Partial<RuleDraft>) => void;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
};

function Rule({ rule, place, last, faults, refused, onChange, onMove, onRemove }: RuleProps): ReactNode {
  const heading = useId();
  const name = rule.name || `rule ${place + 1}`;
  const [fault] = faults.filter(({ member }) => member === 'when');
  return (
    <li aria-labelledby={heading} className="grid gap-3 rounded-doc border border-edge bg-well p-3" data-rule={place}>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <span id={heading} className="caps">
          Rule {place + 1}
        </span>
        <span className="flex flex-wrap gap-2">
          <Button kind="quiet" aria-label={`Move ${name} up`} disabled={place === 0} onClick={() => onMove(-1)}>
            Up
          </Button>
          <Button kind="quiet" aria-label={`Move ${name} down`} disabled={last} onClick={() => onMove(1)}>
            Down
          </Button>
          <Button kind="no" aria-label={`Remove ${name}`} onClick={onRemove}>
            Remove
          </Button>
        </span>
      </div>
      <TextField
        label="Name"
        hint="People read it on the card, and it is part of what they approve."
        error={refused('name')}
        maxLength={80}
        value={rule.name}
        onChange={(event) => onChange({ name: event.target.value })}
      />
      <div className="grid gap-1">
        <TextArea
          label="When"
          hint="A condition in CEL, such as args.amount > 500 && principal.kind == 'client'."
          error={fault ? `Line ${fault.line}, column ${fault.column}: ${fault.message}` : refused('when')}
          rows={2}
          maxLength={2000}
          spellCheck={false}
          autoCapitalize="off"
          className="font-mono text-[0.8125rem] leading-relaxed"
          value={rule.when}
          onChange={(event) => onChange({ when: event.target.value })}
        />
        {fault && <Place source={rule.when} line={fault.line} column={fault.column} />}
      </div>
      <Select
        label="Raises to"
        error={refused('policy')}
        value={rule.policy}
        onChange={(event) => onChange({ policy: event.target.value as Policy })}
      >
        {rule.policy === 'auto' && <option value="auto">auto: only requires earlier calls</option>}
        {RAISES.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
    </li>
  );
}

/** The line where something is wrong, with the place marked under it. */
function Place({ source, line, column }: { source: string; line: number; column: number }): ReactNode {
  const text = source.split('\n')[line - 1] ?? '';
  return (
    <pre
      aria-hidden="true"
      className="overflow-x-auto rounded-doc bg-no-wash px-2.5 py-1 font-mono text-[0.8125rem] leading-snug"
      data-place={`${line}:${column}`}
    >
      {text}
      {'\n'}
      {' '.repeat(Math.max(0, column - 1))}
      <span className="font-semibold text-no">^</span>
    </pre>
  );
}
