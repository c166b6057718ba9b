import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CpuProfile, ProfileNode } from './cpu-profile.ts';

/**
 * Where the time of a profile went, by room: the folders of src/, the packages, Node itself. Native code without a
 * place of its own (JSON.parse, Buffer copies) is its caller's. Node's internals are shown apart, and also on behalf
 * of whoever called them: a socket write is Node's work, and pg's or undici's doing.
 */
export type RoomTime = {
  readonly room: string;
  /** Microseconds in the room's own code. */
  readonly ownUs: number;
  /** The same and what Node did because the room asked for it. */
  readonly withNodeUs: number;
};
export type FunctionTime = { readonly name: string; readonly place: string; readonly ownUs: number };
export type ProfileSummary = {
  /** Without idle time. */
  readonly busyUs: number;
  readonly rooms: readonly RoomTime[];
  readonly functions: readonly FunctionTime[];
};

const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const IDLE = '(idle)';
const NATIVE = 'native, without a caller';

/** Adds up a profile. `top` limits the list of single functions. */
export function summarize(profile: CpuProfile, top: number): ProfileSummary {
  const selfUs = selfTimes(profile);
  const parents = new Map<number, ProfileNode>();
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node);

  const own = new Map<string, number>();
  const withNode = new Map<string, number>();
  const functions = new Map<string, FunctionTime>();
  let busyUs = 0;
  for (const node of profile.nodes) {
    const us = selfUs.get(node.id) ?? 0;
    if (us === 0 || node.callFrame.functionName === IDLE) continue;
    busyUs += us;
    add(
      own,
      firstRoom(node, parents, () => true),
      us,
    );
    add(
      withNode,
      firstRoom(node, parents, (room) => !isNode(room)),
      us,
    );
    const { functionName, url, lineNumber } = node.callFrame;
    const place = url === '' ? `in ${placeOf(parents.get(node.id))}` : `${shorten(url)}:${lineNumber + 1}`;
    const name = functionName || '(anonymous)';
    const key = `${name} ${place}`;
    functions.set(key, { name, place, ownUs: (functions.get(key)?.ownUs ?? 0) + us });
  }
  const rooms = [...new Set([...own.keys(), ...withNode.keys()])]
    .map((room) => ({ room, ownUs: own.get(room) ?? 0, withNodeUs: withNode.get(room) ?? 0 }))
    .sort((a, b) => b.withNodeUs - a.withNodeUs || b.ownUs - a.ownUs);
  return { busyUs, rooms, functions: [...functions.values()].sort((a, b) => b.ownUs - a.ownUs).slice(0, top) };
}

/** `src/gateway`, `pg`, `node:http`; undefined for code without a file. */
export function roomOf(url: string): string | undefined {
  if (url === '') return undefined;
  if (url.startsWith('node:')) return nodeRoom(url);
  const packaged = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1];
  if (packaged !== undefined) return PACKAGE_ROOMS[packaged] ?? packaged;
  const path = shorten(url);
  return /^(src\/[^/]+|bench)/.exec(path)?.[0] ?? path;
}

/** Packages that are one thing to a reader. */
const PACKAGE_ROOMS: Readonly<Record<string, string>> = {
  'pg-pool': 'pg',
  'pg-protocol': 'pg',
  'pg-types': 'pg',
  'postgres-array': 'pg',
  '@hono/node-server': 'hono',
};

function nodeRoom(url: string): string {
  if (/http/.test(url)) return 'node:http';
  if (/net$|stream|tcp/.test(url)) return 'node:net and streams';
  if (/async_hooks|async_context|promise/.test(url)) return 'node:async hooks';
  if (/timers/.test(url)) return 'node:timers';
  return 'node:other';
}

function isNode(room: string): boolean {
  return room.startsWith('node:');
}

/** The room of the nearest frame, from this one up, whose room is wanted; else what Node or V8 calls it. */
function firstRoom(
  node: ProfileNode,
  parents: ReadonlyMap<number, ProfileNode>,
  isWanted: (room: string) => boolean,
): string {
  let fallback: string | undefined;
  for (let at: ProfileNode | undefined = node; at !== undefined; at = parents.get(at.id)) {
    const { functionName, url } = at.callFrame;
    if (functionName === '(garbage collector)') return 'garbage collector';
    const room = roomOf(url);
    if (room !== undefined && isWanted(room)) return room;
    fallback ??= room;
  }
  return fallback ?? NATIVE;
}

function placeOf(node: ProfileNode | undefined): string {
  if (node === undefined || node.callFrame.url === '') return node?.callFrame.functionName ?? '(root)';
  return `${shorten(node.callFrame.url)}:${node.callFrame.lineNumber + 1}`;
}

function shorten(url: string): string {
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const inPackage = /.*\/node_modules\/(.*)/.exec(path)?.[1];
  if (inPackage !== undefined) return inPackage;
  return path.startsWith(`${REPOSITORY}/`) ? path.slice(REPOSITORY.length + 1) : path;
}

function selfTimes({ samples, timeDeltas }: CpuProfile): Map<number, number> {
  const selfUs = new Map<number, number>();
  // The delta of a sample is the time since the one before it: what was seen then ran until now.
  for (let index = 0; index < samples.length - 1; index++) {
    add(selfUs, samples[index]!, Math.max(0, timeDeltas[index + 1]!));
  }
  return selfUs;
}

function add<K>(sums: Map<K, number>, key: K, us: number): void {
  sums.set(key, (sums.get(key) ?? 0) + us);
}
