import { z } from 'zod';

/** How arrays and objects are written into a query or a form (OpenAPI 3.1, style values); `json` is their JSON text. */
const STYLES = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject', 'json'] as const;
export type Style = (typeof STYLES)[number];

const argument = z.string().min(1).max(128);
const wireName = z.string().min(1).max(128);
const spelling = { style: z.enum(STYLES).optional(), explode: z.boolean().optional() };

/** An argument in the query: by its own name, or as it is called and spelled there. */
export const queryPlace = z.union([argument, z.strictObject({ argument, name: wireName.optional(), ...spelling })]);
export type QueryPlace = z.output<typeof queryPlace>;

/** An argument that is sent as a header. */
export const headerPlace = z.strictObject({ argument, name: wireName });
export type HeaderPlace = z.output<typeof headerPlace>;

const field = z.strictObject({
  argument,
  name: wireName.optional(),
  ...spelling,
  file: z.boolean().optional(),
  content_type: z.string().max(200).optional(),
});

export const BODY_FORMS = ['json', 'form', 'multipart', 'text', 'bytes'] as const;
export type BodyForm = (typeof BODY_FORMS)[number];

/**
 * What is sent as the body.
 * - `as`: `json`; `form` (application/x-www-form-urlencoded); `multipart` (multipart/form-data); `text`; `bytes`, of an
 *   argument `{base64}`.
 * - `argument`: that argument alone is the body. Left out, all that are not placed elsewhere are its members.
 * - `fields`: members that are called or spelled otherwise than their arguments; `file` for `{base64, filename?,
 *   content_type?}`.
 * - `template`: a JSON value in which `{name}` takes an argument, and nothing else does.
 * - `optional`: no body is sent where none of its arguments is given.
 */
export const bodyPlace = z.strictObject({
  as: z.enum(BODY_FORMS),
  argument: argument.optional(),
  fields: z.array(field).max(512).optional(),
  template: z.json().optional(),
  optional: z.boolean().optional(),
  content_type: z
    .string()
    .max(200)
    .regex(/^[\w.+-]+\/[\w.+*-]+(?:\s*;\s*[\w-]+=(?:[\w.-]+|"[^"]*"))*$/, 'write a media type such as text/plain')
    .optional(),
});
export type BodyPlace = z.output<typeof bodyPlace>;
export type FieldPlace = z.output<typeof field>;

/** What is wrong with a body as a whole: the member it is in, and a sentence. */
export function bodyProblem({
  as,
  argument: only,
  fields,
  template,
  content_type,
}: BodyPlace): [string, string] | null {
  if (only !== undefined && (fields ?? template) !== undefined) {
    return ['argument', 'one argument is the whole body, so there are no fields and no template beside it'];
  }
  if (template !== undefined && fields !== undefined) return ['fields', 'the template says what the members are'];
  if (template !== undefined && as !== 'json' && as !== 'form') return ['template', 'a template makes JSON or a form'];
  if (template !== undefined && as === 'form' && !isFlat(template)) {
    return ['template', 'a form is an object of texts, numbers and booleans'];
  }
  if ((as === 'text' || as === 'bytes') && only === undefined) {
    return ['argument', `a body of ${as} is one argument; name it`];
  }
  if (as === 'form' || as === 'multipart') {
    if (only !== undefined) return ['argument', 'a form is made of all arguments that are not placed elsewhere'];
    if (content_type !== undefined) return ['content_type', 'it follows from the form'];
  }
  const file = fields?.find((each) => each.file);
  if (file !== undefined && as !== 'multipart') return ['fields', 'files are sent as multipart'];
  const names = fields?.map((each) => each.argument) ?? [];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  return twice === undefined ? null : ['fields', `the argument ${JSON.stringify(twice)} is there twice`];
}

function isFlat(template: unknown): boolean {
  return (
    typeof template === 'object' &&
    template !== null &&
    !Array.isArray(template) &&
    Object.values(template).every((value) => typeof value !== 'object' || value === null)
  );
}
