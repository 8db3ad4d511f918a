import { HEX, randomStream } from '../../core/random.ts'
import type { Random } from '../../ports/random.ts'

/** Repeatable randomness for simulations and tests. Never for ids that must not be guessed. */
export function seededRandom(seed: number): Random {
  const stream = randomStream(seed)
  const uint32 = () => Math.floor(stream() * 0x1_0000_0000)
  const digitsOf = (value: number): string =>
    (HEX[value >>> 24] as string) + HEX[(value >>> 16) & 255] + HEX[(value >>> 8) & 255] + HEX[value & 255]
  return {
    next: stream,
    uint32,
    hex(digits) {
      let text = ''
      while (text.length < digits) text += digitsOf(uint32())
      return text.slice(0, digits)
    },
  }
}
