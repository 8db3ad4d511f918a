/** An annualised price, as fractions. Show both, each with its label. */
export interface AnnualRates {
  readonly simple: number
  readonly compound: number
}

const BISECTIONS = 200
const DOUBLINGS = 60

/**
 * The monthly internal rate r that makes the present value of equal-spaced monthly payments equal what was received.
 *
 * With one inflow first and only payments after it the root is unique, so bisection needs no starting guess and cannot
 * diverge. Payments that do not exceed what was received cost nothing: the answer is 0, never negative.
 *
 * @throws RangeError when nothing was received, nothing is paid, or a payment is negative or not finite.
 */
export function monthlyRate(received: number, payments: readonly number[]): number {
  if (!(received > 0) || !Number.isFinite(received) || payments.length === 0) {
    throw new RangeError('a rate needs a positive amount received and at least one payment')
  }
  if (payments.some(payment => !(payment >= 0) || !Number.isFinite(payment))) {
    throw new RangeError('payments must be finite and not negative')
  }
  if (presentValue(payments, 0) <= received) return 0
  let low = 0
  let high = 1
  for (let i = 0; i < DOUBLINGS && presentValue(payments, high) > received; i++) high *= 2
  for (let i = 0; i < BISECTIONS && high - low > Number.EPSILON * high; i++) {
    const middle = (low + high) / 2
    if (middle === low || middle === high) break
    if (presentValue(payments, middle) > received) low = middle
    else high = middle
  }
  return high
}

/**
 * Simple (12 r) and compound ((1 + r)^12 - 1) annual rate of a loan, as the central bank's announcement [2021] No. 3
 * defines them: all directly related costs over the principal actually outstanding. `received` is the principal less
 * every upfront fee.
 */
export function annualRates(received: number, payments: readonly number[]): AnnualRates {
  const rate = monthlyRate(received, payments)
  return { simple: 12 * rate, compound: (1 + rate) ** 12 - 1 }
}

/** Horner's scheme from the last payment back: one division by (1 + r) per month and no powers to lose digits in. */
function presentValue(payments: readonly number[], rate: number): number {
  let value = 0
  for (let k = payments.length - 1; k >= 0; k--) value = (value + (payments[k] as number)) / (1 + rate)
  return value
}
