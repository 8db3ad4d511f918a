/**
 * FNV-1a over the UTF-16 units of a text, with a final mix. For spreading and for seeds that must be the same on
 * every machine; not for secrets.
 */
export function hash32(text: string, seed = 0): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x7feb352d)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x846ca68b)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The same as a number in [0, 1). */
export function hashUnit(text: string, seed = 0): number {
  return hash32(text, seed) / 0x1_0000_0000
}
