type Row = { readonly status: number; readonly step: string; readonly message: string };

export function refusalTable(refusals: Readonly<Record<string, Row>>, steps: readonly string[]): string;
export function withTable(text: string, table: string): string;
