/** What a process used of the machine while something was measured. */
export type Used = {
  /** CPU of the whole process, in microseconds: user and system, all threads. */
  readonly cpuUs: number;
  /** CPU of the main thread alone. */
  readonly mainThreadCpuUs: number;
  /** The most physical memory seen, in bytes; looked at every 50 ms. */
  readonly peakRssBytes: number;
  /** At the end of the window. */
  readonly rssBytes: number;
  readonly heapUsedBytes: number;
};

const SAMPLE_MS = 50;

/** The verbs `begin` and `end` that every measured process offers. */
export function createMeter(): { begin(): void; end(): Used } {
  let before = { process: process.cpuUsage(), thread: process.threadCpuUsage() };
  let peak = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  return {
    begin() {
      clearInterval(timer);
      peak = 0;
      look();
      timer = setInterval(look, SAMPLE_MS);
      before = { process: process.cpuUsage(), thread: process.threadCpuUsage() };
    },
    end() {
      const used = process.cpuUsage(before.process);
      const main = process.threadCpuUsage(before.thread);
      clearInterval(timer);
      look();
      const { rss, heapUsed } = process.memoryUsage();
      return {
        cpuUs: used.user + used.system,
        mainThreadCpuUs: main.user + main.system,
        peakRssBytes: peak,
        rssBytes: rss,
        heapUsedBytes: heapUsed,
      };
    },
  };
}
