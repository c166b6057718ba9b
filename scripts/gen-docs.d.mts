type Recorded = 'entry' | { readonly not: string };
type Row = {
  readonly status: number;
  readonly step: string;
  readonly message: string;
  readonly recorded: Recorded;
};

export function refusalTable(
  refusals: Readonly<Record<string, Row>>,
  steps: readonly string[],
  problems: Readonly<Record<string, Omit<Row, 'step'>>>,
): string;
export function withTable(text: string, table: string): string;
