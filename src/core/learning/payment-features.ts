import type { PaymentContext, Tender } from '../payment/context.ts'
import { type ContextFeatures, hashFeatures } from './contextual.ts'
import type { SegmentKey } from './types.ts'

const HOUR_MS = 3_600_000

/**
 * The segments of a payment for routes of a tender, most specific first: issuer x amount band x channel, issuer.
 * Where no issuer is named the first digits of the card stand for it.
 */
export function segmentsOf(context: PaymentContext, tender: Tender): readonly SegmentKey[] {
  const issuer = issuerOf(context, tender)
  const { amount, channel } = context
  return [`${issuer}|${amount.currency}${amountBand(amount.value)}|${channel}`, issuer]
}

/** Bands of the series 1, 2, 5, 10: where prices and limits have their thresholds. */
export function amountBand(value: number): number {
  if (value < 1) return 0
  const decade = Math.floor(Math.log10(value) + 1e-9)
  const leading = value / 10 ** decade
  return 1 + 3 * decade + (leading >= 5 ? 2 : leading >= 2 ? 1 : 0)
}

/**
 * What the model of the context looks at: each property of a payment alone, and issuer, amount and time of day
 * with one another and with the chosen metadata. Unlike segments, properties that are rare together still inform
 * each other.
 * @param metadataKeys entries of the context's metadata that the operator has chosen; at most a few
 */
export function featuresOf(
  context: PaymentContext,
  tender: Tender,
  now: number,
  metadataKeys: readonly string[],
): ContextFeatures {
  const band = `band:${context.amount.currency}${amountBand(context.amount.value)}`
  const hours = Math.floor(now / HOUR_MS)
  const time = `hours:${Math.floor((hours % 24) / 3)}`
  const crossed = [`issuer:${issuerOf(context, tender)}`, band, time]
  for (const key of metadataKeys) {
    const value = context.metadata?.[key]
    if (value !== undefined) crossed.push(`${key}=${value}`)
  }
  const names = [
    `channel:${context.channel}`,
    `merchant:${context.merchant?.mcc ?? ''}`,
    `day:${Math.floor(hours / 24) % 7}`,
    ...crossed,
  ]
  for (let i = 0; i < crossed.length; i++)
    for (let j = i + 1; j < crossed.length; j++) names.push(`${crossed[i]}&${crossed[j]}`)
  return hashFeatures(names)
}

function issuerOf({ funding }: PaymentContext, tender: Tender): string {
  const instrument = funding.instruments?.[tender]
  return instrument?.issuer ?? instrument?.bin ?? '-'
}
