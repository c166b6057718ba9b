export function withLock<T>(
  path: string,
  waiting: string,
  work: (holdOn: (pid: number) => void) => Promise<T>,
): Promise<T>;
