import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import { queries } from '../../api/queries.ts';
import type { ChangedGrantView, ClientView, GrantView } from '../../api/types.ts';
import { FormDialog } from '../../components/dialog.tsx';
import { Checkbox, Select } from '../../components/field.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { useSlug } from '../../workspace.tsx';
import { POLICY_CHOICES } from './policy-choices.ts';

type Props = {
  client: ClientView;
  grant: GrantView | undefined;
  onClose: () => void;
  onWarnings: (warnings: readonly string[]) => void;
};

/** Grants a tool, or changes who must agree to its calls. */
export function GrantDialog({ client, grant, onClose, onWarnings }: Props): ReactNode {
  const slug = useSlug();
  const tools = useQuery(queries.tools(slug, { status: 'active' }));
  const granted = useQuery(queries.grants(slug, client.id));
  const members = useQuery(queries.members(slug));
  const [tool, setTool] = useState(grant?.tool_id ?? '');
  const [policy, setPolicy] = useState<string>(grant?.policy ?? '');
  const [approvers, setApprovers] = useState<readonly string[]>(grant?.approver_user_ids ?? []);
  const save = useChange<void, ChangedGrantView>(
    () => ({
      path: grant ? `/v1/clients/${client.id}/grants/${grant.id}` : `/v1/clients/${client.id}/grants`,
      method: grant ? 'PATCH' : 'POST',
      ...(grant && { version: grant.version }),
      body: { ...(!grant && { tool_id: tool }), ...(policy && { policy }), approver_user_ids: approvers },
    }),
    {
      families: ['clients'],
      done({ warnings }) {
        onWarnings(warnings);
        onClose();
      },
    },
  );
  const taken = new Set(granted.data?.items.map(({ tool_id }) => tool_id));
  const named = members.data?.items.filter(({ role }) => role === 'member') ?? [];
  return (
    <FormDialog
      open
      onClose={onClose}
      title={grant ? `Change ${grant.tool}` : 'Grant a tool'}
      submit={grant ? 'Save' : 'Grant'}
      busy={save.isPending}
      ready={tool !== ''}
      problem={<ProblemNote problem={save.error} />}
      onSubmit={() => save.mutate()}
    >
      {!grant && (
        <Select label="Tool" value={tool} onChange={(event) => setTool(event.target.value)}>
          <option value="">Choose one</option>
          {tools.data?.items
            .filter(({ id }) => !taken.has(id))
            .map(({ id, name, effect }) => (
              <option key={id} value={id}>
                {name} ({effect})
              </option>
            ))}
        </Select>
      )}
      <Select
        label="Policy"
        value={policy}
        hint="Whoever chooses the policy may not decide under approve-dual."
        onChange={(event) => setPolicy(event.target.value)}
      >
        {!grant && <option value="">the default for the tool's effect</option>}
        {POLICY_CHOICES.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </Select>
      {policy !== 'auto' && named.length > 0 && (
        <fieldset className="grid gap-2">
          <legend className="mb-1 text-sm font-semibold">Who may decide beside owner and admins</legend>
          {named.map(({ id, name, email }) => (
            <Checkbox
              key={id}
              label={`${name} (${email})`}
              checked={approvers.includes(id)}
              onChange={(event) =>
                setApprovers(event.target.checked ? [...approvers, id] : approvers.filter((other) => other !== id))
              }
            />
          ))}
        </fieldset>
      )}
    </FormDialog>
  );
}
