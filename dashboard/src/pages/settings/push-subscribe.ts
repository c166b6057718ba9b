import { ask } from '../../api/http.ts';

const PATH = '/v1/notices/push-subscriptions';

/** Whether this browser can show notices of this site. */
export function canSubscribe(): boolean {
  return 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis;
}

/** Asks the person, subscribes this browser and tells the server. Throws a sentence to show. */
export async function subscribe(workspace: string, userId: string, publicKey: string): Promise<void> {
  if ((await Notification.requestPermission()) !== 'granted') {
    throw new Error('Notices are blocked for this site. Allow them in the settings of the browser.');
  }
  const registration = await navigator.serviceWorker.ready;
  const known = await registration.pushManager.getSubscription();
  // One that was made with another key is told nothing any more.
  if (known && keyOf(known) !== publicKey) await known.unsubscribe();
  const subscription = await registration.pushManager.subscribe({
    userVisibleOnly: true,
    applicationServerKey: publicKey,
  });
  await ask(PATH, { method: 'POST', body: subscription.toJSON(), workspace });
  remember(workspace, userId);
}

/**
 * A subscription ends with the sign-in it was made in. Signed in again, the same person on the same browser is told again
 * without being asked. Nothing rests on it, so nothing is said where it fails.
 */
export async function subscribeAgain(workspace: string, userId: string): Promise<void> {
  if (!canSubscribe() || Notification.permission !== 'granted' || rememberedBy(workspace) !== userId) return;
  const registration = await navigator.serviceWorker.getRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  if (subscription) await ask(PATH, { method: 'POST', body: subscription.toJSON(), workspace }).catch(() => {});
}

/** Ends it for all of one's browsers in the workspace. This one stays subscribed for others. */
export async function unsubscribe(workspace: string): Promise<void> {
  await ask(PATH, { method: 'DELETE', workspace });
  remember(workspace, null);
}

const keyOfChoice = (workspace: string): string => `countersign.notices ${workspace}`;

/** Who last had notices of a workspace shown on this browser. */
function rememberedBy(workspace: string): string | null {
  try {
    return localStorage.getItem(keyOfChoice(workspace));
  } catch {
    return null;
  }
}

function remember(workspace: string, userId: string | null): void {
  try {
    if (userId === null) localStorage.removeItem(keyOfChoice(workspace));
    else localStorage.setItem(keyOfChoice(workspace), userId);
  } catch {
    // Without storage one has to ask for it again after each sign-in.
  }
}

function keyOf({ options }: PushSubscription): string {
  const bytes = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
