import { type ReactNode, useState } from 'react';
import { useChange } from '../../api/change.ts';
import type { AcceptedView, ConnectorView, OfferedTool, OfferView } from '../../api/types.ts';
import { Note, Stamp } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Checkbox, Select } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';
import { SafeText } from '../../components/safe-text.tsx';
import { ProblemNote } from '../../components/states.tsx';
import { IdLink } from '../../names.tsx';
import { EFFECTS } from '../tools/effects.ts';

type Chosen = Readonly<Record<string, string>>;
const CONTEXTS = ['prompts', 'resources'] as const;

/** What an MCP server has: asked for, looked at, and taken over by people who choose. */
export function ServerOffer({ connector }: { connector: ConnectorView }): ReactNode {
  const [offer, setOffer] = useState<OfferView | null>(null);
  const discover = useChange<void, OfferView>(
    () => ({ path: `/v1/connectors/${connector.id}/mcp/discover`, method: 'POST', body: {} }),
    { families: ['tools'], said: null, done: setOffer },
  );
  return (
    <Panel
      title="What the server has"
      aside={
        <Button busy={discover.isPending} onClick={() => discover.mutate()}>
          {offer === null ? 'Discover' : 'Discover again'}
        </Button>
      }
    >
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4" data-offer>
        <ProblemNote problem={discover.error} />
        {offer === null && !discover.error && (
          <p className="text-soft">
            Ask the server for its tools, prompts and resources. Nothing is taken over before you have chosen it.
          </p>
        )}
        {offer && (
          <Offer key={discover.submittedAt} offer={offer} connector={connector} onDone={() => discover.mutate()} />
        )}
      </div>
    </Panel>
  );
}

function Offer({
  offer,
  connector,
  onDone,
}: {
  offer: OfferView;
  connector: ConnectorView;
  onDone: () => void;
}): ReactNode {
  const [chosen, setChosen] = useState<Chosen>({});
  const [contexts, setContexts] = useState<readonly string[]>([]);
  const free = offer.tools.filter(({ state }) => state === 'new' || state === 'changed');
  const count = Object.keys(chosen).length + contexts.length;
  const accept = useChange<void, AcceptedView>(
    () => ({
      path: `/v1/connectors/${connector.id}/mcp/accept`,
      method: 'POST',
      body: {
        tools: offer.tools
          .filter(({ name }) => Object.hasOwn(chosen, name))
          .map(({ name, pin }) => ({ name, pin, effect: chosen[name] })),
        ...Object.fromEntries(contexts.map((each) => [each, offer[each as 'prompts' | 'resources']!.pin])),
      },
    }),
    {
      families: ['tools', 'connectors'],
      said: ({ tools }) => (tools.length === 1 ? '1 tool is taken over.' : `${tools.length} tools are taken over.`),
      done: onDone,
    },
  );
  const choose = (tool: OfferedTool, effect: string | null): void => {
    const { [tool.name]: _, ...rest } = chosen;
    setChosen(effect === null ? rest : { ...rest, [tool.name]: effect });
  };
  const all = Object.keys(chosen).length === free.length;
  return (
    <>
      <p className="text-sm text-soft">
        <SafeText text={offer.server.name || 'A server without a name'} /> <SafeText text={offer.server.version} />, MCP{' '}
        {offer.server.protocol}. Names, texts and marks below are the server’s own: effects are guessed from them, and
        yours to judge.
      </p>
      {offer.gone.length > 0 && (
        <Note tone="care" title="No longer there">
          {offer.gone.map(({ id, name }) => (
            <span key={id} className="mr-2">
              <IdLink id={id}>{name}</IdLink>
            </span>
          ))}
        </Note>
      )}
      {offer.unusable > 0 && (
        <Note tone="care" title={`${offer.unusable} left out`}>
          They have no acceptable name, are too large, or hold a secret that was sent to the server.
        </Note>
      )}
      {free.length > 1 && (
        <Checkbox
          label={`All ${free.length} that are new or changed`}
          checked={all}
          onChange={() =>
            setChosen(all ? {} : Object.fromEntries(free.map(({ name, proposed_effect }) => [name, proposed_effect])))
          }
        />
      )}
      <ul className="grid grid-cols-[minmax(0,1fr)] gap-3">
        {offer.tools.map((tool) => (
          <Offered key={tool.name} tool={tool} effect={chosen[tool.name] ?? null} onChoose={choose} />
        ))}
      </ul>
      {CONTEXTS.map((each) => {
        const context = offer[each];
        if (context === null) return null;
        const isFree =
          (context.state !== 'accepted' && context.state !== 'unusable') ||
          (context.tool?.quarantined_at ?? null) !== null;
        return (
          <details key={each} className="min-w-0 wrap-anywhere rounded-doc border border-rule px-3 py-2">
            <summary className="cursor-pointer">
              {context.items.length} {each} <Stamp state={context.state} />
            </summary>
            <ul className="mt-2 grid gap-1 text-sm">
              {context.items.slice(0, 200).map((item) => {
                const name = String(item.uri ?? item.uriTemplate ?? item.name);
                return (
                  <li key={name}>
                    <code className="font-mono text-xs">
                      <SafeText text={name} />
                    </code>{' '}
                    <SafeText text={String(item.description ?? '')} />
                  </li>
                );
              })}
            </ul>
            {context.left_out.length > 0 && (
              <p className="mt-2 text-sm text-soft">
                Left out: <SafeText text={context.left_out.join('; ')} />
              </p>
            )}
            {isFree && (
              <div className="mt-2">
                <Checkbox
                  label={`Take the ${each} over, as one tool that reads them`}
                  checked={contexts.includes(each)}
                  onChange={() =>
                    setContexts(contexts.includes(each) ? contexts.filter((one) => one !== each) : [...contexts, each])
                  }
                />
              </div>
            )}
          </details>
        );
      })}
      <ProblemNote problem={accept.error} />
      <div>
        <Button kind="primary" busy={accept.isPending} disabled={count === 0} onClick={() => accept.mutate()}>
          {count === 0 ? 'Take over' : `Take over ${count}`}
        </Button>
      </div>
    </>
  );
}

function Offered({
  tool,
  effect,
  onChoose,
}: {
  tool: OfferedTool;
  effect: string | null;
  onChoose: (tool: OfferedTool, effect: string | null) => void;
}): ReactNode {
  const isFree = tool.state === 'new' || tool.state === 'changed';
  return (
    <li className="min-w-0 rounded-doc border border-rule px-3 py-2 wrap-anywhere" data-offered={tool.name}>
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-wrap items-center gap-x-3 gap-y-1">
          {isFree ? (
            <Checkbox
              label={tool.proposed_name}
              checked={effect !== null}
              onChange={() => onChoose(tool, effect === null ? tool.proposed_effect : null)}
            />
          ) : (
            <span>{tool.tool ? <IdLink id={tool.tool.id}>{tool.tool.name}</IdLink> : tool.proposed_name}</span>
          )}
          <Stamp state={tool.tool?.quarantined_at ? 'quarantined' : tool.state} />
        </div>
        {effect !== null && (
          <Select
            label={`Effect of ${tool.proposed_name}`}
            value={effect}
            onChange={(event) => onChoose(tool, event.target.value)}
          >
            {EFFECTS.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        )}
      </div>
      <p className="mt-1 line-clamp-3 text-sm">
        <SafeText text={tool.description || tool.title || 'The server says nothing about it.'} />
      </p>
      {tool.because !== null && <p className="mt-1 text-sm text-no">Cannot be used: {tool.because}</p>}
      {tool.suspicious && (
        <p className="mt-1 text-sm font-semibold text-care">Its texts have characters that hide, or pass for others.</p>
      )}
      <details className="mt-1 text-sm">
        <summary className="w-fit cursor-pointer text-accent">What the server says of {tool.name.slice(0, 60)}</summary>
        <div className="mt-1 overflow-x-auto font-mono text-xs leading-relaxed">
          <SafeText block text={saidOf(tool)} />
        </div>
      </details>
    </li>
  );
}

function saidOf({ name, title, description, input_schema, output_schema, annotations }: OfferedTool): string {
  const said = { name, title, description, annotations, input_schema, output_schema };
  return Object.entries(said)
    .filter(([, value]) => value !== null && value !== '')
    .map(([member, value]) => `${member}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('\n');
}
