import { type ReactNode, useState } from 'react';
import { useSave } from '../../api/change.ts';
import type { ChangedGrantView, ClientView, GrantView } from '../../api/types.ts';
import { FormDialog } from '../../components/dialog.tsx';
import { DraftNote, useDraft } from '../../components/draft.tsx';
import { Checkbox, Select } from '../../components/field.tsx';
import { Icon } from '../../components/icon.tsx';
import { activeTools, members } from '../../components/pick-sources.ts';
import { Picker } from '../../components/picker.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { useName } from '../../names.tsx';
import { POLICY_CHOICES } from './policy-choices.ts';
import { draftsOf, type RuleDraft, rulesOf } from './rule-draft.ts';
import { RulesEditor } from './rules-editor.tsx';

const WORDS = {
  policy: 'Policy',
  approvers: 'Who may decide beside owner and admins',
  rules: 'Rules',
  justified: 'Each call says why it is made',
};

type Values = {
  policy: string;
  approvers: readonly string[];
  rules: readonly RuleDraft[];
  justified: boolean;
};

function pick(grant: GrantView | undefined): Values {
  return {
    policy: grant?.policy ?? '',
    approvers: grant?.approver_user_ids ?? [],
    rules: draftsOf(grant?.rules),
    justified: grant?.justification_required ?? false,
  };
}

type Props = {
  client: ClientView;
  grant: GrantView | undefined;
  onClose: () => void;
  onWarnings: (warnings: readonly string[]) => void;
};

/** Grants a tool, or changes who must agree to its calls. */
export function GrantDialog({ client, grant, onClose, onWarnings }: Props): ReactNode {
  const [tool, setTool] = useState(grant?.tool_id ?? '');
  const draft = useDraft(grant, pick);
  const { policy, approvers, rules, justified } = draft.values;
  const { save, about } = useSave<ChangedGrantView>(`/v1/clients/${client.id}/grants`, {
    record: grant,
    version: draft.version,
    body: () => ({
      ...(!grant && { tool_id: tool }),
      ...(policy && { policy }),
      approver_user_ids: approvers,
      rules: rulesOf(rules),
      justification_required: justified,
    }),
    families: ['clients'],
    said: (saved) => (grant ? `The grant of ${saved.tool} is saved.` : `${saved.tool} is granted.`),
    done({ warnings }) {
      onWarnings(warnings);
      onClose();
    },
  });
  return (
    <FormDialog
      open
      wide
      onClose={onClose}
      title={grant ? `Change ${grant.tool}` : 'Grant a tool'}
      submit={grant ? 'Save' : 'Grant'}
      busy={save.isPending}
      ready={tool !== '' && draft.isSettled}
      problem={
        <>
          <DraftNote draft={draft} words={WORDS} />
          <ProblemNote
            problem={save.error}
            shown={['rules']}
            words={{ policy: WORDS.policy, approver_user_ids: WORDS.approvers, tool_id: 'Tool' }}
          />
        </>
      }
      onSubmit={() => save.mutate()}
    >
      {!grant && <Picker label="Tool" source={activeTools} value={tool} onChange={setTool} />}
      <Select
        label="Policy"
        value={policy}
        hint="Whoever chooses the policy may not decide under approve-dual."
        onChange={(event) => draft.set({ policy: event.target.value })}
      >
        {!grant && <option value="">the default for the tool's effect</option>}
        {POLICY_CHOICES.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      {(policy !== 'auto' || rules.length > 0) && (
        <Approvers ids={approvers} onChange={(next) => draft.set({ approvers: next })} />
      )}
      <Checkbox
        label={WORDS.justified}
        hint="A call without a justification is refused. People read it on the card; the upstream never gets it."
        checked={justified}
        onChange={(event) => draft.set({ justified: event.target.checked })}
      />
      <RulesEditor
        toolId={tool}
        policy={policy}
        rules={rules}
        onChange={(next) => draft.set({ rules: next })}
        refused={about}
      />
    </FormDialog>
  );
}

/** Members who may decide beside owner and admins, found by name or address. */
function Approvers({
  ids,
  onChange,
}: {
  ids: readonly string[];
  onChange: (ids: readonly string[]) => void;
}): ReactNode {
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1 text-sm font-semibold">{WORDS.approvers}</legend>
      {ids.length > 0 && (
        <ul className="flex flex-wrap gap-2">
          {ids.map((id) => (
            <Approver key={id} id={id} onRemove={() => onChange(ids.filter((other) => other !== id))} />
          ))}
        </ul>
      )}
      <Picker
        label="Add a member"
        source={members}
        value=""
        onChange={(id) => onChange([...ids, id])}
        unfit={({ value, hint }) =>
          ids.includes(value)
            ? 'is named already'
            : hint?.endsWith(', member')
              ? undefined
              : 'only members are named: owner and admins decide anyway, viewers never'
        }
      />
    </fieldset>
  );
}

function Approver({ id, onRemove }: { id: string; onRemove: () => void }): ReactNode {
  const name = useName(id) ?? id;
  return (
    <li className="inline-flex items-center gap-1 rounded-doc border border-edge bg-well pl-2 wrap-anywhere">
      <SafeText text={name} />
      <button
        type="button"
        aria-label={`Leave out ${name}`}
        className="grid size-8 shrink-0 place-items-center rounded-doc hover:bg-accent-wash"
        onClick={onRemove}
      >
        <Icon name="cross" size={14} />
      </button>
    </li>
  );
}
