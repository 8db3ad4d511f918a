import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'

/**
 * 32 lowercase hex digits: 12 of the time in ms, 18 random, and 2 that name the shard, so that whoever holds an
 * id or an upstream reference finds the shard. Every upstream's alphabet and length allow it (JD Pay 32
 * alphanumerics, UnionPay no dashes, WeChat 32, Alipay and Adyen 64, Stripe 255).
 */
export function newReference(clock: Clock, random: Random, shard = 0): string {
  const time = Math.trunc(clock.now()).toString(16).padStart(12, '0')
  return time + random.hex(18) + shard.toString(16).padStart(2, '0')
}

export const newPaymentId = (clock: Clock, random: Random, shard = 0): string =>
  `pay_${newReference(clock, random, shard)}`

export const newDecisionId = (clock: Clock, random: Random, shard = 0): string =>
  `dec_${newReference(clock, random, shard)}`

/** The shard that an id or a reference carries. */
export function shardOf(id: string): number {
  return Number.parseInt(id.slice(-2), 16)
}
