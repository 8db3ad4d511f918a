import { HEX } from '../../core/random.ts'
import type { Random } from '../../ports/random.ts'

/** Bytes drawn from the system at once: a call per id costs more than the id. */
const POOL_BYTES = 4096
/** Beside them, those that become digits of ids. Ids are told to everybody, so they need not be wiped. */
const HEX_BYTES = 1024

/** Unguessable randomness of Web Crypto. Make it inside a handler: Workers give none at module scope. */
export function systemRandom(): Random {
  const pool = new Uint8Array(POOL_BYTES)
  let used = POOL_BYTES

  const byte = (): number => {
    if (used === POOL_BYTES) {
      crypto.getRandomValues(pool)
      used = 0
    }
    const value = pool[used] as number
    // A byte that was handed out must not stay readable in memory.
    pool[used++] = 0
    return value
  }
  let digits = ''
  let digitsUsed = 0
  /** The next digits, at most as many as are left. */
  const takeDigits = (most: number): string => {
    if (digitsUsed === digits.length) {
      digits = Array.from(crypto.getRandomValues(new Uint8Array(HEX_BYTES)), value => HEX[value]).join('')
      digitsUsed = 0
    }
    const taken = digits.slice(digitsUsed, digitsUsed + most)
    digitsUsed += taken.length
    return taken
  }
  const uint32 = (): number => ((byte() << 24) | (byte() << 16) | (byte() << 8) | byte()) >>> 0

  return {
    uint32,
    next: () => (uint32() * 0x20_0000 + (uint32() >>> 11)) / 2 ** 53,
    hex(length) {
      let text = ''
      while (text.length < length) text += takeDigits(length - text.length)
      return text
    },
  }
}
