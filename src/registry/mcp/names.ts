import { sha256Hex } from '../../kernel/hash.ts';

const NAME_MAX = 64;
const PREFIX_MAX = 24;

/** What the tools of a connector begin with: its name as far as a tool's name can hold it. */
export function prefixOf(connectorName: string): string {
  const slug = snake(connectorName)
    .replace(/^[^a-z]+/, '')
    .slice(0, PREFIX_MAX)
    .replace(/_+$/, '');
  return slug === '' ? 'mcp' : slug;
}

/**
 * The name of a server's tool here: `<connector>.<tool>`, in letters that a tool's name may have. One that is taken
 * already, or would be cut, ends in a part of its own hash or a number, so that none ever stands for another.
 */
export function nameFor(prefix: string, remoteName: string, isTaken: (name: string) => boolean): string {
  const plain = snake(remoteName) || 'tool';
  const room = NAME_MAX - prefix.length - 1;
  const short = plain.length <= room ? plain : `${plain.slice(0, room - 7)}_${sha256Hex(remoteName).slice(0, 6)}`;
  const name = `${prefix}.${short}`;
  for (let count = 1; ; count += 1) {
    const ending = count === 1 ? '' : `_${count}`;
    const tried = `${name.slice(0, NAME_MAX - ending.length)}${ending}`;
    if (!isTaken(tried)) return tried;
  }
}

/** `getTinyImage`, `get-tiny-image` and `API post` in the letters of a name: dots are the connector's alone. */
function snake(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '');
}
