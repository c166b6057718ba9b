/**
 * What a tenant's schema may cost. Ordinary schemas compile in a millisecond and check 2 kB in microseconds.
 * The worst ones within these bounds, written to be slow, were seen to compile in 0.2 s and to keep a check
 * of 1 MiB busy for 0.5 s before it was refused.
 */
export const SCHEMA_LIMITS = {
  /** UTF-8 bytes of the schema's canonical text. */
  maxBytes: 65_536,
  /** Subschemas inside each other, as written. */
  maxDepth: 32,
  /** Subschemas in the text. */
  maxNodes: 2_000,
  /** Subschemas when every `$ref` is replaced once by what it points at, and how deep they then nest. */
  maxExpandedNodes: 10_000,
  maxExpandedDepth: 64,
  /** Subschemas inside each other while a value is checked, where references lead back. */
  maxRecursion: 400,
  /** Characters of one `pattern` (or key of `patternProperties`), and of all together. */
  maxPatternLength: 1_000,
  maxPatternLengths: 8_000,
  /** RE2 instructions of one pattern, and of all together. */
  maxPatternSize: 1_000,
  maxPatternSizes: 4_000,
  /** Remarks on one schema. */
  maxNotes: 20,
  /** Errors reported for one payload. */
  maxErrors: 10,
  /** Units of work for one payload, counted by {@link COST}. */
  work: 10_000_000,
} as const;

/**
 * What the steps of a validation cost, in units of about 30 ns at their slowest (cold caches, large values).
 * Measured on payloads made to be slow, so that no kind of step outruns the count.
 */
export const COST = {
  keyword: 1,
  /** One member of an object looked at, or remembered. */
  member: 10,
  /** One item of an array compared with the others. */
  uniqueItem: 8,
  /** One object or array compared by its canonical text, and each character of that. */
  comparedValue: 24,
  comparedCharacter: 1,
  /** One division of decimal fractions. */
  decimalDivision: 64,
  /** Characters whose code points are counted for one unit. */
  charactersCounted: 8,
  pattern: 8,
  /** One character against one instruction of a pattern. */
  patternStep: 2,
} as const;
