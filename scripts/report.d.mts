type Counts = { readonly passed: number; readonly failed: number };

export function createReport(say?: (line: string) => void): {
  say(line: string): void;
  step(name: string, work: () => Promise<{ readonly code: number; readonly output?: string }>): Promise<boolean>;
  add(counts: Counts): void;
  close(): number;
};
