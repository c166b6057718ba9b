import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, transformWithOxc } from 'vite';

/** `countersign serve` on its usual port, for `npm run dev -w dashboard`. */
const api = process.env.DASHBOARD_API ?? 'http://127.0.0.1:3000';

const here = import.meta.dirname;

/** Writes the service worker with the names of this build's files. It is named after all of them, so it changes with each. */
function serviceWorker(): Plugin {
  return {
    name: 'service-worker',
    apply: 'build',
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        const build = createHash('sha256');
        const note = (name: string, content: string | Uint8Array): string => {
          build.update(name).update(content);
          return name === 'index.html' ? '/' : `/${name}`;
        };
        const files = [
          ...Object.values(bundle).map((file) => note(file.fileName, file.type === 'chunk' ? file.code : file.source)),
          ...readdirSync(join(here, 'public')).map((name) => note(name, readFileSync(join(here, 'public', name)))),
        ].sort();
        const entry = Object.values(bundle).find((file) => file.type === 'chunk' && file.isEntry)?.fileName;
        const path = join(here, 'src', 'service-worker.ts');
        const { code } = await transformWithOxc(readFileSync(path, 'utf8'), path);
        const named = { FILES: files, ENTRY: `/${entry}`, BUILD: build.digest('hex').slice(0, 16) };
        const lines = Object.entries(named).map(([name, value]) => `const ${name} = ${JSON.stringify(value)};\n`);
        this.emitFile({ type: 'asset', fileName: 'service-worker.js', source: `${lines.join('')}${code}` });
      },
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwindcss(), serviceWorker()],
  build: {
    // The policy of the page allows no data: scripts or styles, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  server: { proxy: { '/v1': api, '/api': api } },
});
