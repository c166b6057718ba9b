import type { z } from 'zod';
import { type FieldError, type Problem, problem } from '../kernel/codes.ts';
import { holdsNul } from '../kernel/text.ts';
import { findCredential } from '../upstream/credentials.ts';
import type { EgressExceptions } from '../upstream/egress-exceptions.ts';
import { refuseTarget } from '../upstream/shapes.ts';

export type Checked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

/** A problem with one field, told as a sentence and by name. */
export function fieldProblem(field: string, message: string): Problem {
  return problem('invalid_request', `${field}: ${message}`, [{ field, message }]);
}

/** The problem with where a connector would lead, told beside the field; undefined where this workspace may go there. */
export function targetProblem(
  kind: string,
  config: unknown,
  tenantId: string,
  exceptions: EgressExceptions,
): Problem | undefined {
  const fault = refuseTarget(kind, config, tenantId, exceptions);
  return fault === null ? undefined : fieldProblem(`config.${fault.member}`, fault.message);
}

/**
 * Holds a handler's or connector's config against its schema. One that holds a credential is refused: configs
 * are shown to people, hashed into definitions and kept in the audit log.
 */
export function checkConfig<T>(field: string, schema: z.ZodType<T>, config: unknown): Checked<T> {
  const place = findCredential(config);
  if (place !== null) {
    const message =
      'looks like a credential, and a config must not hold one: people can read it and it is kept in the audit log. ' +
      'Credentials will come from the secret store, which this version does not have yet; until then, call an upstream that needs none';
    return { ok: false, problem: fieldProblem(`${field}${place.slice(1)}`, message) };
  }
  if (holdsNul(config)) return { ok: false, problem: fieldProblem(field, 'leave out the character U+0000') };
  const parsed = schema.safeParse(config);
  if (parsed.success) return { ok: true, value: parsed.data };
  const errors: FieldError[] = parsed.error.issues
    .slice(0, 20)
    .map(({ path, message }) => ({ field: [field, ...path.map(String)].join('.'), message }));
  return { ok: false, problem: problem('invalid_request', `${errors[0]!.field}: ${errors[0]!.message}`, errors) };
}
