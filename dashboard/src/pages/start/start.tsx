import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiProblem } from '../../api/http.ts';
import { Button } from '../../components/button.tsx';
import { LeaveDialog } from '../../components/dialog.tsx';
import { Select, TextField } from '../../components/field.tsx';
import { PageHead, Panel } from '../../components/panel.tsx';
import { ForbiddenState, ProblemNote } from '../../components/states.tsx';
import { useUnsaved } from '../../components/unsaved.ts';
import { useTitle } from '../../title.ts';
import { useHere, useMay } from '../../workspace.tsx';
import { EFFECTS } from '../tools/effects.ts';
import { Checklist } from './checklist.tsx';
import { FieldRows } from './field-rows.tsx';
import { type Made, type Part, PartProblem, type Plan, useMake } from './make.ts';
import { Preview } from './preview.tsx';
import { type FieldRow, faultOf, namesIn, newRow, schemaOf, toolNameOf } from './schema-of.ts';
import { FirstCallHere } from './waiting.tsx';

const METHODS = ['POST', 'GET', 'PUT', 'PATCH', 'DELETE'];
const EFFECT_OF: Readonly<Record<string, string>> = { GET: 'read', DELETE: 'delete' };

/** From one's own API to the first approval, on one page. */
export function Start(): ReactNode {
  useTitle('First steps');
  const { workspace } = useHere();
  const may = useMay();
  const [made, setMade] = useState<Made | null>(null);
  const mayAll = (['connectors.manage', 'tools.manage', 'clients.manage', 'tokens.manage'] as const).every(may);
  if (!mayAll) return <ForbiddenState what="set up tools and clients" role={workspace.role} />;
  return (
    <>
      <PageHead title="Put your own API behind the gate">
        Say where it is and what one call of it takes. Every call then waits until a person has approved exactly what
        would be sent.
      </PageHead>
      <div className="grid gap-6">
        <Checklist guide={false} />
        {made ? <FirstCallHere made={made} /> : <Guide onMade={setMade} />}
      </div>
    </>
  );
}

/** What is written, as far as it was written: the rest follows from it. */
type Written = {
  readonly baseUrl: string;
  readonly method: string;
  readonly path: string;
  readonly client: string;
  readonly tool?: string;
  readonly effect?: string;
};

function Guide({ onMade }: { onMade: (made: Made) => void }): ReactNode {
  const [written, setWritten] = useState<Written>({ baseUrl: '', method: 'POST', path: '/', client: 'first-agent' });
  const [rows, setRows] = useState<readonly FieldRow[]>([newRow(0)]);
  const [touched, setTouched] = useState(false);
  const make = useMake(onMade);
  const leaving = useUnsaved(touched && !make.isPending && !make.isSuccess);
  const set = (change: Partial<Written>): void => {
    setTouched(true);
    setWritten({ ...written, ...change });
  };
  const fixed = namesIn(written.path);
  const withPath = (path: string): void => {
    set({ path });
    const missing = namesIn(path).filter((name) => !rows.some((row) => row.name === name));
    // What the path took before and takes no longer was never written by anybody.
    const kept = rows.filter(({ name }) => !fixed.includes(name) || namesIn(path).includes(name));
    const first = Math.max(-1, ...rows.map(({ key }) => key)) + 1;
    setRows([...missing.map((name, at) => newRow(first + at, name)), ...kept]);
  };
  const effect = written.effect ?? guessed(written.method, rows);
  const plan: Plan = {
    baseUrl: written.baseUrl,
    method: written.method,
    path: written.path,
    tool: written.tool ?? toolNameOf(written.method, written.path),
    effect,
    schema: schemaOf(rows),
    client: written.client,
  };
  const refused = make.error instanceof PartProblem ? make.error : null;
  const about = (part: Part, field: string): string | undefined =>
    refused?.part === part && refused.problem instanceof ApiProblem ? refused.problem.about(field) : undefined;
  const isTaken =
    refused?.part === 'tool' && refused.problem instanceof ApiProblem && refused.problem.code === 'conflict';
  const ready = written.baseUrl.trim() !== '' && plan.client.trim() !== '' && rows.every((row) => !faultOf(row, rows));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (ready && !make.isPending) make.mutate(plan);
  };
  return (
    <form onSubmit={submit} noValidate className="grid items-start gap-6 xl:grid-cols-[minmax(0,1fr)_26rem]">
      <div className="grid min-w-0 gap-6">
        <Panel title="1. Your API">
          <div className="grid gap-4 sm:grid-cols-[8rem_minmax(0,1fr)]">
            <div className="sm:col-span-2">
              <TextField
                label="Address"
                type="url"
                inputMode="url"
                autoFocus
                placeholder="https://api.example.com/v2"
                spellCheck={false}
                value={written.baseUrl}
                error={about('connector', 'config')}
                onChange={(event) => set({ baseUrl: event.target.value })}
              />
            </div>
            <Select label="Method" value={written.method} onChange={(event) => set({ method: event.target.value })}>
              {METHODS.map((method) => (
                <option key={method}>{method}</option>
              ))}
            </Select>
            <TextField
              label="Path"
              hint="{name} takes that field."
              spellCheck={false}
              value={written.path}
              error={about('tool', 'handler_config')}
              onChange={(event) => withPath(event.target.value)}
            />
            <div className="grid gap-4 sm:col-span-2 sm:grid-cols-2">
              <Select label="What it does" value={effect} onChange={(event) => set({ effect: event.target.value })}>
                {EFFECTS.map(([value, words]) => (
                  <option key={value} value={value}>
                    {words}
                  </option>
                ))}
              </Select>
              <TextField
                label="Called"
                hint="How agents and approvers name it."
                maxLength={64}
                spellCheck={false}
                value={plan.tool}
                error={about('tool', 'name') ?? (isTaken ? 'There is a tool of this name already.' : undefined)}
                onChange={(event) => set({ tool: event.target.value })}
              />
            </div>
          </div>
        </Panel>
        <Panel title="2. What a call takes">
          <FieldRows
            rows={rows}
            fixed={fixed}
            onChange={(next) => {
              setTouched(true);
              setRows(next);
            }}
          />
        </Panel>
        <Panel title="3. Who may ask">
          <div className="grid gap-4 sm:grid-cols-2">
            <TextField
              label="Client"
              maxLength={80}
              hint="One person approves each of its calls. You can change that later, on its page."
              value={written.client}
              error={about('client', 'name')}
              onChange={(event) => set({ client: event.target.value })}
            />
          </div>
          <div className="mt-4 grid gap-3">
            <ProblemNote
              problem={isTaken ? null : (refused?.problem ?? make.error)}
              shown={SHOWN[refused?.part ?? 'client']}
              words={{ input_schema: 'What a call takes', effect: 'What it does', expires_in_days: 'Its token' }}
            />
            <div>
              <Button type="submit" kind="primary" busy={make.isPending} disabled={!ready}>
                Set it up and show the token
              </Button>
            </div>
          </div>
        </Panel>
      </div>
      <div className="min-w-0 xl:sticky xl:top-6">
        <Preview plan={plan} rows={rows} />
      </div>
      <LeaveDialog leaving={leaving} />
    </form>
  );
}

/** Fields that show their own errors, by the part that was refused. */
const SHOWN: Readonly<Record<Part, readonly string[]>> = {
  connector: ['config'],
  tool: ['name', 'handler_config'],
  client: ['name'],
};

/** What a call does outside, as far as its method and its marks tell. */
function guessed(method: string, rows: readonly FieldRow[]): string {
  const known = EFFECT_OF[method];
  if (known) return known;
  if (rows.some(({ mark }) => mark === 'amount')) return 'charge';
  return rows.some(({ mark }) => mark === 'recipient') ? 'send' : 'write';
}
