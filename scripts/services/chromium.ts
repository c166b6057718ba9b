import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { install, mayInstall, onPath } from './debian.ts';

const FONTS = ['fonts-noto-core', 'fonts-noto-color-emoji'];

/** Chromium without windows, which takes a quarter less of a processor for the same pages. */
const SHELL = 'chromium-headless-shell';

/** A Chromium to test pages in: CHROMIUM_PATH, or a browser of that family where systems keep it. `{ path }` or `{ missing }`. */
export function findChromium(): { path?: string; missing?: string } {
  const given = process.env.TEST_CHROMIUM || process.env.CHROMIUM_PATH;
  if (given) return existsSync(given) ? { path: given } : { missing: `CHROMIUM_PATH (${given}) does not exist` };
  const path =
    [SHELL, 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map(onPath).find(Boolean) ??
    applications().find((it) => existsSync(it));
  return path ? { path } : { missing: 'there is no Chromium here' };
}

/** The same, installing Debian's package if there is none and we are root; in CI also where there is one with windows. */
export async function fetchChromium(): Promise<{ path?: string; missing?: string }> {
  const found = findChromium();
  const isSlow = process.env.CI === 'true' && found.path !== undefined && !found.path.endsWith(SHELL);
  if (found.path && !(isSlow && mayInstall())) return found;
  if (!mayInstall())
    return { missing: `${found.missing}; install it (Debian: apt-get install ${SHELL}) or set CHROMIUM_PATH` };
  try {
    await install([SHELL, ...FONTS]);
    return findChromium();
  } catch (error) {
    if (found.path) return found;
    return { missing: `${found.missing}, and it could not be installed: ${(error as Error).message}` };
  }
}

function applications(): string[] {
  const windows = ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) => {
    const folder = process.env[name];
    return folder
      ? [join(folder, 'Google/Chrome/Application/chrome.exe'), join(folder, 'Microsoft/Edge/Application/msedge.exe')]
      : [];
  });
  return [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    ...windows,
  ];
}
