import type { ReactNode } from 'react';
import { Checkbox, Select, TextField } from '../../../components/field.tsx';
import { JsonField } from './json-field.tsx';
import type { Config, ConfigFields } from './kind-form.ts';
import { type Row, type RowColumn, RowsField, textColumn, tickColumn } from './rows-field.tsx';

/** How arrays and objects are spelled, by what stands on the wire. */
const SPELLINGS: readonly (readonly [value: string, word: string, spelling: Row])[] = [
  ['', 'as usual', {}],
  ['repeated', 'a=1&a=2', { style: 'form', explode: true }],
  ['commas', 'a=1,2', { style: 'form', explode: false }],
  ['spaces', 'a=1%202', { style: 'spaceDelimited', explode: false }],
  ['pipes', 'a=1|2', { style: 'pipeDelimited', explode: false }],
  ['deep', 'a[b]=1', { style: 'deepObject' }],
  ['json', 'as JSON', { style: 'json' }],
];
const OTHERWISE = 'otherwise';

const spelled: RowColumn = {
  head: 'Arrays and objects',
  show: ({ style, explode }) =>
    SPELLINGS.find(([, , given]) => given.style === style && given.explode === explode)?.[0] ?? OTHERWISE,
  write({ style, explode, ...rest }, value) {
    const given = SPELLINGS.find(([name]) => name === value)?.[2];
    return { ...rest, ...(given ?? { style, explode }) };
  },
  options: [...SPELLINGS.map(([value, word]) => [value, word] as const), [OTHERWISE, 'as the JSON below says']],
};
const argument = textColumn('Argument', 'argument');
const wireName = textColumn('Called there', 'name');

/** Which arguments go into the query, and how they are spelled there. */
export function QueryFields({ config, onChange, about }: ConfigFields): ReactNode {
  const { query, ...rest } = config;
  const rows = Array.isArray(query) ? query.map((each) => (typeof each === 'string' ? { argument: each } : each)) : [];
  const set = (next: readonly Row[]): void =>
    onChange({ ...rest, query: next.map((row) => (Object.keys(row).join() === 'argument' ? row.argument : row)) });
  return (
    <>
      <Select
        label="Query"
        value={query === undefined ? '' : Array.isArray(query) ? 'some' : 'all'}
        error={Array.isArray(query) ? undefined : about('handler_config.query')}
        onChange={({ target: { value } }) =>
          value === 'some' ? set(rows) : onChange(value === 'all' ? { ...rest, query: 'arguments' } : rest)
        }
      >
        <option value="">as usual: all arguments of GET and DELETE, else none</option>
        <option value="all">all arguments that have no other place</option>
        <option value="some">these arguments</option>
      </Select>
      {Array.isArray(query) && (
        <RowsField
          label="Arguments in the query"
          add="Add an argument of the query"
          first={{ argument: '' }}
          columns={[argument, wireName, spelled]}
          rows={rows}
          error={about('handler_config.query')}
          onChange={set}
        />
      )}
    </>
  );
}

/** Which arguments are sent as headers. */
export function HeaderArguments({ config, onChange, about }: ConfigFields): ReactNode {
  const { header_arguments: given = [], ...rest } = config;
  return (
    <RowsField
      label="Arguments in headers"
      add="Add an argument as a header"
      first={{ argument: '', name: '' }}
      columns={[argument, { ...textColumn('Header', 'name'), write: (row, name) => ({ ...row, name }) }]}
      rows={given as readonly Row[]}
      error={about('handler_config.header_arguments')}
      onChange={(rows) => onChange(rows.length === 0 ? rest : { ...rest, header_arguments: rows })}
    />
  );
}

const FORMS: readonly (readonly [string, string])[] = [
  ['json', 'JSON'],
  ['form', 'a form (application/x-www-form-urlencoded)'],
  ['multipart', 'a form with files (multipart/form-data)'],
  ['text', 'a text'],
  ['bytes', 'bytes'],
];
type Made = 'arguments' | 'argument' | 'template';
const MADE_OF: Readonly<Record<Made, string>> = {
  arguments: 'all arguments that have no other place',
  argument: 'one argument',
  template: 'a template',
};
/** What a body of each form can be made of. */
const CAN_BE: Readonly<Record<string, readonly Made[]>> = {
  json: ['arguments', 'argument', 'template'],
  form: ['arguments', 'template'],
  multipart: ['arguments'],
  text: ['argument'],
  bytes: ['argument'],
};

/** What is sent as the body. */
export function BodyFields({ config, onChange, about }: ConfigFields): ReactNode {
  const { body: given, ...rest } = config;
  const body = given === 'arguments' ? { as: 'json' } : given;
  const place = typeof body === 'object' && body !== null ? (body as Config) : undefined;
  const choose = (as: string): void => {
    if (as === '') onChange(rest);
    else if (as === 'none') onChange({ ...rest, body: 'none' });
    else onChange({ ...rest, body: begin(as, CAN_BE[as]![0]!) });
  };
  return (
    <>
      <Select
        label="Body"
        value={place ? String(place.as) : String(body ?? '')}
        error={place ? undefined : about('handler_config.body')}
        onChange={(event) => choose(event.target.value)}
      >
        <option value="">as usual: all arguments of POST, PUT and PATCH as JSON, else none</option>
        <option value="none">none</option>
        {FORMS.map(([as, word]) => (
          <option key={as} value={as}>
            {word}
          </option>
        ))}
      </Select>
      {place && <PlaceFields place={place} onChange={(next) => onChange({ ...rest, body: next })} about={about} />}
    </>
  );
}

function begin(as: string, of: Made): Config {
  if (of === 'argument') return { as, argument: '' };
  return of === 'template' ? { as, template: {} } : { as };
}

function PlaceFields({
  place,
  onChange,
  about,
}: {
  place: Config;
  onChange: (place: Config) => void;
  about: ConfigFields['about'];
}): ReactNode {
  const as = String(place.as);
  const of: Made = place.template !== undefined ? 'template' : place.argument !== undefined ? 'argument' : 'arguments';
  const { fields = [], ...withoutFields } = place;
  const { content_type: type, ...withoutType } = place;
  const { optional: _, ...needed } = place;
  const isForm = as === 'form' || as === 'multipart';
  return (
    <div className="grid gap-4 border-l-2 border-rule pl-3">
      {CAN_BE[as]!.length > 1 && (
        <Select
          label="Made of"
          value={of}
          onChange={(event) => onChange(begin(as, event.target.value as Made))}
          error={about('handler_config.body')}
        >
          {CAN_BE[as]!.map((each) => (
            <option key={each} value={each}>
              {MADE_OF[each]}
            </option>
          ))}
        </Select>
      )}
      {of === 'argument' && (
        <TextField
          label="The argument"
          hint={as === 'bytes' ? 'It is {base64} in a call.' : undefined}
          className="font-mono"
          value={String(place.argument)}
          error={about('handler_config.body.argument')}
          onChange={(event) => onChange({ ...place, argument: event.target.value })}
        />
      )}
      {of === 'template' && (
        <JsonField<unknown>
          label="The template"
          hint="{name} takes an argument: as it is where it stands alone, as text inside of a text. {{secret:NAME}} takes a secret."
          value={place.template}
          error={about('handler_config.body.template')}
          onChange={(template) => onChange({ ...place, template })}
        />
      )}
      {of === 'arguments' && (
        <RowsField
          label={
            as === 'multipart'
              ? 'Files, and arguments that are called otherwise'
              : 'Arguments that are called otherwise'
          }
          hint={as === 'multipart' ? 'A file is {base64, filename, content_type} in a call.' : undefined}
          add="Add an argument of the body"
          first={{ argument: '' }}
          columns={[
            argument,
            wireName,
            ...(isForm ? [spelled] : []),
            ...(as === 'multipart' ? [textColumn('Type', 'content_type'), tickColumn('File', 'file')] : []),
          ]}
          rows={fields as readonly Row[]}
          error={about('handler_config.body.fields')}
          onChange={(rows) => onChange(rows.length === 0 ? withoutFields : { ...place, fields: rows })}
        />
      )}
      {!isForm && (
        <TextField
          label="Content type (optional)"
          className="font-mono"
          value={String(type ?? '')}
          error={about('handler_config.body.content_type')}
          onChange={({ target: { value } }) => onChange(value === '' ? withoutType : { ...place, content_type: value })}
        />
      )}
      {of !== 'template' && (
        <Checkbox
          label="No body where none of its arguments is given"
          checked={place.optional === true}
          onChange={(event) => onChange(event.target.checked ? { ...place, optional: true } : needed)}
        />
      )}
    </div>
  );
}
