import { readJson } from '../../../src/kernel/json-text.ts';

/** The statement of a call that is hashed and approved (docs/approvals.md), as parsed from its canonical bytes. */
export type Envelope = {
  readonly tenant_id: string;
  readonly principal: { readonly kind: string; readonly id: string };
  readonly tool: { readonly name: string; readonly definition_sha256: string };
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly policy: string;
  readonly [member: string]: unknown;
};

/**
 * A place in the arguments that the tool's schema marks; null is every item or member. Of an amount the schema may say
 * its unit; `text` is then the amount as the server writes it.
 */
export type Highlight = {
  readonly role: string;
  readonly steps: readonly (string | number | null)[];
  readonly unit?: 'minor' | 'major' | null;
  readonly currency?: string | null;
  readonly decimals?: number | null;
  readonly text?: string | null;
};

/** A marked value, read from the pinned bytes themselves, its place, and its mark. */
export type Marked = {
  readonly role: string;
  readonly value: unknown;
  readonly path: readonly string[];
  readonly mark: Highlight;
};

/** Reads the envelope. The bytes are canonical JSON that the server made, so order and duplicates say nothing. */
export function parseEnvelope(canonical: string): Envelope {
  return readJson(canonical) as Envelope;
}

/** The marked values of a payload, in the order of the marks; each place once. */
export function markedValues(highlights: readonly Highlight[], payload: unknown): Marked[] {
  const found: Marked[] = [];
  const taken = new Set<string>();
  for (const mark of highlights) {
    pick(payload, mark.steps, [], (path, value) => {
      const place = `${mark.role} ${pathKey(path)}`;
      if (taken.has(place)) return;
      taken.add(place);
      found.push({ role: mark.role, value, path, mark });
    });
  }
  return found;
}

/** A place as one text, to find it by. */
export function pathKey(path: readonly (string | number)[]): string {
  return JSON.stringify(path.map(String));
}

function pick(
  value: unknown,
  steps: Highlight['steps'],
  path: readonly string[],
  found: (path: readonly string[], value: unknown) => void,
): void {
  const [step, ...rest] = steps;
  if (step === undefined) {
    found(path, value);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const key of step === null ? Object.keys(value) : [String(step)]) {
    if (Object.hasOwn(value, key)) pick((value as Record<string, unknown>)[key], rest, [...path, key], found);
  }
}

/** The roles of one place, given by the keys that lead to it. */
export function rolesAt(highlights: readonly Highlight[], path: readonly (string | number)[]): string[] {
  const fits = ({ steps }: Highlight): boolean =>
    steps.length === path.length && steps.every((step, at) => step === null || String(step) === String(path[at]));
  return [...new Set(highlights.filter(fits).map(({ role }) => role))];
}

/** What the bytes hash to, in hex; null where the browser does not offer SHA-256 (plain http off localhost). */
export async function sha256Hex(text: string): Promise<string | null> {
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) return null;
  const digest = new Uint8Array(await subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What the tool's schema says about a place, such as the unit of an amount; empty where it says nothing. */
export function describedAt(schema: unknown, steps: Highlight['steps']): string {
  let at = schema as Readonly<Record<string, unknown>> | undefined;
  for (const step of steps) {
    const inner = step === null ? at?.items : (at?.properties as Readonly<Record<string, unknown>> | undefined)?.[step];
    at = typeof inner === 'object' && inner !== null ? (inner as Readonly<Record<string, unknown>>) : undefined;
  }
  return typeof at?.description === 'string' ? at.description : '';
}
