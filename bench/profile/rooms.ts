import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CpuProfile, ProfileNode } from './cpu-profile.ts';

/**
 * Where the time of a profile went, by room: the folders of src/, the packages, Node itself. Native code without a
 * place of its own (JSON.parse, Buffer copies) is its caller's. Node's internals are shown apart, and also on behalf
 * of whoever called them: a socket write is Node's work, and pg's or undici's doing.
 */
export type RoomShare = {
  readonly room: string;
  /** Of the time the thread was busy, from 0 to 1: in the room's own code. */
  readonly own: number;
  /** The same and what Node did because the room asked for it. */
  readonly withNode: number;
};
export type FunctionShare = { readonly name: string; readonly place: string; readonly own: number };
export type ProfileSummary = { readonly rooms: readonly RoomShare[]; readonly functions: readonly FunctionShare[] };

const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const IDLE = '(idle)';
const NATIVE = 'native, without a caller';

/**
 * Adds up a profile by its samples, idle ones left out. Samples and not the times between them: a thread that others
 * keep waiting gets one sample when it goes on, while the clock would charge the wait to whatever it was doing.
 * `top` limits the list of single functions.
 */
export function summarize(profile: CpuProfile, top: number): ProfileSummary {
  const samples = new Map<number, number>();
  for (const id of profile.samples) add(samples, id, 1);
  const parents = new Map<number, ProfileNode>();
  for (const node of profile.nodes) for (const child of node.children ?? []) parents.set(child, node);

  const own = new Map<string, number>();
  const withNode = new Map<string, number>();
  const functions = new Map<string, FunctionShare>();
  const busyNodes = profile.nodes.filter(({ id, callFrame }) => samples.has(id) && callFrame.functionName !== IDLE);
  const busy = busyNodes.reduce((sum, { id }) => sum + samples.get(id)!, 0);
  for (const node of busyNodes) {
    const share = samples.get(node.id)! / busy;
    add(own, firstRoom(node, parents, isAny), share);
    add(withNode, firstRoom(node, parents, isNotNode), share);
    const { functionName, url, lineNumber } = node.callFrame;
    const place = url === '' ? `in ${placeOf(parents.get(node.id))}` : `${shorten(url)}:${lineNumber + 1}`;
    const name = functionName || '(anonymous)';
    const key = `${name} ${place}`;
    functions.set(key, { name, place, own: (functions.get(key)?.own ?? 0) + share });
  }
  const rooms = [...new Set([...own.keys(), ...withNode.keys()])]
    .map((room) => ({ room, own: own.get(room) ?? 0, withNode: withNode.get(room) ?? 0 }))
    .sort((a, b) => b.withNode - a.withNode || b.own - a.own);
  return { rooms, functions: [...functions.values()].sort((a, b) => b.own - a.own).slice(0, top) };
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

const isAny = (): boolean => true;
const isNotNode = (room: string): boolean => !room.startsWith('node:');

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

function add<K>(sums: Map<K, number>, key: K, amount: number): void {
  sums.set(key, (sums.get(key) ?? 0) + amount);
}
