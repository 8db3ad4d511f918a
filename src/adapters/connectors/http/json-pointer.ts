/** JSON Pointer (RFC 6901), taken apart once and followed many times. */
export type Pointer = readonly string[]

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype'])

/** @throws TypeError for text that is not a pointer, or one that would reach into prototypes */
export function parsePointer(text: string): Pointer {
  if (!text.startsWith('/')) throw new TypeError(`not a JSON Pointer: ${text}`)
  const tokens = text
    .slice(1)
    .split('/')
    .map(token => token.replaceAll('~1', '/').replaceAll('~0', '~'))
  const forbidden = tokens.find(token => FORBIDDEN.has(token))
  if (forbidden !== undefined) throw new TypeError(`a JSON Pointer must not name ${forbidden}`)
  return tokens
}

/** What stands there, or undefined. Follows own properties only. */
export function valueAt(document: unknown, pointer: Pointer): unknown {
  let value = document
  for (const token of pointer) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, token)) return undefined
    value = (value as Record<string, unknown>)[token]
  }
  return value
}

/** Puts a value there, making objects on the way. */
export function putAt(document: Record<string, unknown>, pointer: Pointer, value: unknown): void {
  let place = document
  for (const token of pointer.slice(0, -1)) {
    const next = place[token]
    const inner = typeof next === 'object' && next !== null ? (next as Record<string, unknown>) : {}
    place[token] = inner
    place = inner
  }
  place[pointer.at(-1) as string] = value
}
