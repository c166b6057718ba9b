/**
 * Installs the service worker where the browser has one (HTTPS or this machine). The page's policy takes no text for the
 * address of a script: it must come from the one policy that the server names, which knows one address.
 */
export function installWorker(): void {
  if (!('serviceWorker' in navigator)) return;
  const address = trustedTypes()
    ?.createPolicy('service-worker', { createScriptURL: () => WORKER })
    .createScriptURL('');
  navigator.serviceWorker.register((address as string | undefined) ?? WORKER).catch(() => {
    // Without it the desk works as long as there is a connection, which is all that it is for.
  });
}

const WORKER = '/service-worker.js';

type Policies = {
  createPolicy(name: string, rules: { createScriptURL: () => string }): { createScriptURL(text: string): unknown };
};

function trustedTypes(): Policies | undefined {
  return (globalThis as { trustedTypes?: Policies }).trustedTypes;
}
