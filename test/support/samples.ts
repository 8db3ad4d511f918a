import type { DecisionInputs, DecisionPolicy, PriorAttempt, RouteInputs } from '../../src/core/decision.ts'
import { compileRules, type PolicyRule } from '../../src/core/eligibility/policy.ts'
import type { PaymentContext, Tender } from '../../src/core/payment/context.ts'
import type { Attempt, Payment } from '../../src/core/payment/payment.ts'
import type { Capability, Route } from '../../src/core/payment/route.ts'

/** 1 June 2026, a Monday, at noon UTC. */
export const NOON = Date.parse('2026-06-01T12:00:00Z')

export const CNY = (value: number) => ({ currency: 'CNY', value })

type RouteChange = Partial<Omit<Route, 'capability'>> & { readonly capability?: Partial<Capability> }

/** A card route that can do everything, changed as asked. */
export function sampleRoute(id: string, change: RouteChange = {}): Route {
  return {
    id,
    tender: 'card',
    cost: { percentBps: 50, fixed: 0, perAttempt: 0 },
    priors: { approval: 0.9, unknown: 0, latencyMs: 500, strength: 20 },
    timeoutMs: 3_000,
    needsFacts: false,
    enabled: true,
    maintenance: [],
    ...change,
    capability: {
      channels: ['app', 'web', 'qr_merchant'],
      currencies: ['CNY'],
      amount: { min: 1, max: 10_000_000 },
      instalments: [],
      excludedCategories: [],
      capture: ['automatic', 'manual'],
      idempotency: { mode: 'key', retentionHours: 24, replaysErrors: true },
      queryable: true,
      cancel: ['close', 'void', 'reverse'],
      settleWindowMs: 60_000,
      honoursExpiry: false,
      cancelTombstones: false,
      ...change.capability,
    },
  }
}

/** A payment of 1,000 yuan by card, changed as asked. */
export function sampleContext(change: Partial<PaymentContext> = {}): PaymentContext {
  return {
    orderId: 'o-1',
    amount: CNY(100_000),
    channel: 'app',
    payer: { id: 'u-1' },
    funding: { accept: [{ tender: 'card' }] },
    ...change,
  }
}

/** Consent to tenders in an order; to credit with a quote. */
export function accepting(...tenders: Tender[]): PaymentContext['funding'] {
  return {
    accept: tenders.map(tender =>
      tender === 'credit' ? { tender, instalments: 3, quote: 'quo_1' } : { tender },
    ),
  }
}

interface PolicyChange extends Partial<Omit<DecisionPolicy, 'rules'>> {
  readonly rules?: readonly PolicyRule[]
}

export function samplePolicy(
  routes: readonly Route[],
  { rules = [], ...change }: PolicyChange = {},
): DecisionPolicy {
  return {
    version: 'v1',
    routes,
    economics: { marginBps: 1_000, abandonmentPerSecond: 0.02, unknownCost: 300, lossGivenDefault: 0.6 },
    attemptsMax: 3,
    preference: 'payer_order',
    leaveOutLosing: false,
    fallback: [],
    exploration: { shareMax: 0, burst: 0 },
    ...change,
    rules: compileRules(rules),
  }
}

interface InputsChange {
  readonly context?: Partial<PaymentContext>
  readonly routes?: Readonly<Record<string, Partial<RouteInputs>>>
  readonly prior?: readonly PriorAttempt[]
  readonly paying?: boolean
  readonly now?: number
  readonly seed?: number
}

/** What is known at decision time: breakers closed, estimates as the routes' priors, changed as asked. */
export function sampleInputs(policy: DecisionPolicy, change: InputsChange = {}): DecisionInputs {
  return {
    context: sampleContext(change.context),
    now: change.now ?? NOON,
    paying: change.paying ?? true,
    prior: change.prior ?? [],
    routes: Object.fromEntries(
      policy.routes.map(({ id, priors: { approval, unknown, latencyMs } }) => [
        id,
        { breaker: 'closed', estimate: { approval, unknown, latencyMs }, ...change.routes?.[id] },
      ]),
    ),
    seed: change.seed ?? 1,
  }
}

/** The reference of the n-th attempt: 32 lowercase hex digits. */
export function reference(n: number): string {
  return n.toString(16).padStart(32, '0')
}

/** An INTENT opened at noon, sendable for 5 s, with a timeout of 3 s. */
export function sampleAttempt(n: number, change: Partial<Attempt> = {}): Attempt {
  const { capability } = sampleRoute('card_a')
  return {
    reference: reference(n),
    route: `card_${n}`,
    tender: 'card',
    amount: CNY(100_000),
    status: 'intent',
    contract: capability,
    timeoutMs: 3_000,
    openedAt: NOON,
    sendableUntil: NOON + 5_000,
    expiresAt: NOON + 8_000,
    keyWindowEndsAt: NOON + 24 * 3_600_000,
    ...change,
  }
}

export function samplePayment(attempts: readonly Attempt[], change: Partial<Payment> = {}): Payment {
  return {
    id: 'pay_1',
    tenant: 'demo',
    context: sampleContext(),
    createdAt: NOON,
    deadlineAt: NOON + 60_000,
    configVersion: 'v1',
    attemptsMax: 3,
    attempts,
    operations: [],
    obligations: [],
    decision: 'dec_1',
    reasons: [],
    sequence: 0,
    resolves: 0,
    ...change,
  } as Payment
}
