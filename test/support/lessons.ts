import type { PaymentContext } from '../../src/core/payment/context.ts'
import type { UpstreamResult } from '../../src/core/payment/outcome.ts'
import type { Route } from '../../src/core/payment/route.ts'
import type { Estimates } from '../../src/gateway/estimates.ts'
import type { LearnedAttempt } from '../../src/ports/estimator.ts'
import { CNY, NOON, sampleContext, sampleRoute } from './samples.ts'

const PRIORS = { approval: 0.9, unknown: 0.01, latencyMs: 500, strength: 4 }
export const ROUTES: readonly Route[] = [
  sampleRoute('card_a', { priors: PRIORS }),
  sampleRoute('card_b', { priors: PRIORS }),
]

export const cardOf = (issuer: string, change: Partial<PaymentContext> = {}): PaymentContext =>
  sampleContext({
    funding: { accept: [{ tender: 'card' }], instruments: { card: { token: 't', issuer } } },
    ...change,
  })

const RESULTS = {
  approved: { kind: 'approved', amount: CNY(100_000) },
  declined: { kind: 'declined', category: 'issuer_declined' },
} as const satisfies Record<string, UpstreamResult>

/** An attempt that is told from others by its number; one a second. */
export function attemptOn(
  route: string,
  number: number,
  result: keyof typeof RESULTS | UpstreamResult,
  change: Partial<LearnedAttempt> = {},
): LearnedAttempt {
  const dispatchedAt = NOON + number * 1_000
  return {
    attemptId: `attempt-${number}`,
    route,
    context: cardOf('ICBC'),
    stage: 'first',
    result: typeof result === 'string' ? RESULTS[result] : result,
    dispatchedAt,
    observedAt: dispatchedAt + 300,
    latencyMs: 300,
    ...change,
  }
}

/** P(approved) that is believed of `card_a` for the payments above. */
export function believed(estimates: Estimates, context = cardOf('ICBC'), now = NOON + 1_500_000): number {
  return estimates.estimate(ROUTES[0] as Route, context, 'first', now).approval
}
