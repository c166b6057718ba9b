import { Session } from 'node:inspector/promises';
import type { CpuProfile } from '../profile/cpu-profile.ts';

const SAMPLE_US = 200;

/** Takes CPU profiles of this process' main thread between two moments, as `--cpu-prof` would for its whole life. */
export function createProfiler(): { start(): Promise<void>; stop(): Promise<CpuProfile> } {
  const session = new Session();
  return {
    async start() {
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
      await session.post('Profiler.start');
    },
    async stop() {
      const { profile } = await session.post('Profiler.stop');
      session.disconnect();
      return profile as CpuProfile;
    },
  };
}
