import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'

/**
 * 32 lowercase hex digits: 12 of the time in ms, 18 random, and 2 that name the shard, so that whoever holds an
 * id or an upstream reference finds the shard. Every upstream's alphabet and length allow it (JD Pay 32
 * alphanumerics, UnionPay no dashes, WeChat 32, Alipay and Adyen 64, Stripe 255).
 */
export function newReference(clock: Clock, random: Random, shard = 0): string {
  const time = Math.trunc(clock.now())
  const high = Math.floor(time / 0x1000000)
  return digits(high) + digits(time - high * 0x1000000) + random.hex(18) + shard.toString(16).padStart(2, '0')
}

/** 24 bits in 6 digits. A larger number at once is slow to write out. */
const digits = (bits: number): string => bits.toString(16).padStart(6, '0')

export const newPaymentId = (clock: Clock, random: Random, shard = 0): string =>
  `pay_${newReference(clock, random, shard)}`

export const newDecisionId = (clock: Clock, random: Random, shard = 0): string =>
  `dec_${newReference(clock, random, shard)}`

/** The shard that an id or a reference carries. */
export function shardOf(id: string): number {
  return Number.parseInt(id.slice(-2), 16)
}
