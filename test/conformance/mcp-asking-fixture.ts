import { inputRequired } from '@modelcontextprotocol/server';

/**
 * The tools of the suite's fixture that ask something of the client in the middle of a call. They answer with what they ask
 * (`input_required`), and answer it once they are called again with what the client says.
 */

// biome-ignore lint/suspicious/noExplicitAny: the SDK's own type of a handler's context is not exported
type Context = any;
type Tool = (args: Record<string, unknown>, context: Context) => unknown;

const saying = (text: string) => ({ content: [{ type: 'text' as const, text }] });
const answersOf = ({ mcpReq }: Context): Record<string, Context> => mcpReq.inputResponses ?? {};
const stateOf = ({ mcpReq }: Context): unknown => mcpReq.requestState?.();

const form = (message: string, properties: object, required: string[] = Object.keys(properties)) =>
  inputRequired.elicit({ message, requestedSchema: { type: 'object', properties, required } } as never);
const words = (name: string) => ({ [name]: { type: 'string' } });
const sampling = (text: string, maxTokens = 100) =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens });

/** Asks for all of these at once, until each has been answered. */
function asking(inputRequests: Record<string, object>, told: (answers: Record<string, Context>) => string): Tool {
  return (_, context) => {
    const answers = answersOf(context);
    const isWhole = Object.keys(inputRequests).every((key) => answers[key] !== undefined);
    return isWhole ? saying(told(answers)) : inputRequired({ inputRequests } as never);
  };
}

/** The same with a state of its own. */
function stateful(inputRequests: Record<string, object>, told: string): Tool {
  return (_, context) => {
    const isWhole = Object.keys(inputRequests).every((key) => answersOf(context)[key] !== undefined);
    return isWhole && stateOf(context) === 'kept'
      ? saying(told)
      : inputRequired({ inputRequests, requestState: 'kept' } as never);
  };
}

const completed = (answers: Record<string, Context>): string =>
  `Elicitation completed: action=${answers.form.action}, content=${JSON.stringify(answers.form.content ?? {})}`;

const DEFAULTS = {
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
};
const titled = (...pairs: [string, string][]) => pairs.map(([value, title]) => ({ const: value, title }));
const ENUMS = {
  untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
  titledSingle: { type: 'string', oneOf: titled(['value1', 'First Option'], ['value2', 'Second Option']) },
  legacyEnum: {
    type: 'string',
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['Option One', 'Option Two', 'Option Three'],
  },
  untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
  titledMulti: { type: 'array', items: { anyOf: titled(['value1', 'First Choice'], ['value2', 'Second Choice']) } },
};

const ok = { ok: { type: 'boolean' } };
const NAME = form('What is your name?', words('name'));

export const ASKING_TOOLS: Readonly<Record<string, Tool>> = {
  test_sampling: (args, context) => {
    const { answer } = answersOf(context);
    if (answer === undefined) return inputRequired({ inputRequests: { answer: sampling(String(args.prompt)) } });
    return saying(`LLM response: ${answer.content?.text}`);
  },
  test_elicitation: (args, context) => {
    const { form: said } = answersOf(context);
    if (said !== undefined) return saying(`User response: ${JSON.stringify(said)}`);
    const properties = { ...words('username'), ...words('email') };
    return inputRequired({ inputRequests: { form: form(String(args.message), properties) } });
  },
  test_elicitation_sep1034_defaults: asking({ form: form('Look at these', DEFAULTS, []) }, completed),
  test_elicitation_sep1330_enums: asking({ form: form('Choose', ENUMS, []) }, completed),
  test_input_required_result_elicitation: asking(
    { user_name: NAME },
    ({ user_name }) => `Hello, ${user_name.content?.name}!`,
  ),
  test_input_required_result_sampling: asking(
    { capital_question: sampling('What is the capital of France?') },
    ({ capital_question }) => String(capital_question.content?.text),
  ),
  test_input_required_result_list_roots: asking({ client_roots: inputRequired.listRoots() }, ({ client_roots }) =>
    JSON.stringify(client_roots.roots),
  ),
  test_input_required_result_request_state: stateful({ confirm: form('Please confirm', ok) }, 'state-ok'),
  test_input_required_result_tampered_state: stateful({ confirm: form('Please confirm', ok) }, 'state-ok'),
  test_input_required_result_multiple_inputs: stateful(
    {
      user_name: NAME,
      greeting: sampling('Generate a greeting', 50),
      client_roots: inputRequired.listRoots(),
    },
    'All was answered.',
  ),
  test_input_required_result_multi_round: (_, context) => {
    const answers = answersOf(context);
    if (stateOf(context) === 'two' && answers.step2 !== undefined)
      return saying(`It is ${answers.step2.content?.color}.`);
    if (stateOf(context) === 'one' && answers.step1 !== undefined) {
      const step2 = form('Step 2: What is your favorite color?', words('color'));
      return inputRequired({ inputRequests: { step2 }, requestState: 'two' });
    }
    const step1 = form('Step 1: What is your name?', words('name'));
    return inputRequired({ inputRequests: { step1 }, requestState: 'one' });
  },
  test_input_required_result_capabilities: (_, context) => {
    const can = context.mcpReq.envelope?.['io.modelcontextprotocol/clientCapabilities'] ?? {};
    return inputRequired({
      inputRequests: {
        ...(can.sampling && { greeting: sampling('Greet them') }),
        ...(can.elicitation && { user_name: NAME }),
      },
    });
  },
};

/** The arguments of those that take any. */
export const ASKING_ARGUMENTS: Readonly<Record<string, object>> = {
  test_sampling: words('prompt'),
  test_elicitation: words('message'),
};

/** A prompt that asks before it answers. */
export function askingPrompt(context: Context): object {
  const { user_context: said } = answersOf(context);
  if (said === undefined) {
    const asked = form('What context should the prompt use?', words('context'));
    return inputRequired({ inputRequests: { user_context: asked } });
  }
  const text = `Use this: ${said.content?.context}`;
  return { messages: [{ role: 'user', content: { type: 'text', text } }] };
}
