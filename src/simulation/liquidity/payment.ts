import { rankCascade } from '../../core/cascade/rank.ts'
import { BPS } from '../../core/payment/money.ts'
import { successCost, valueRoute, type RouteValue } from '../../core/scoring/value.ts'
import { STRESS_TENDERS, type Order, type StressTender } from './demand.ts'
import type { World } from './scenario.ts'

/** What liquidity lets the gateway offer for one order: nothing, or credit at a term and a price. */
export interface CreditOffer {
  readonly instalments: number
  readonly lambdaBps: number
  /** What the money costs over the loan's life, basis points of the loan. */
  readonly moneyBps: number
}

export interface PaymentOutcome {
  /** The tender that paid; absent when the shopper left or every route declined. */
  readonly paidBy?: StressTender
  /** Whether credit was tried, and what came of it. `unknown` pays, or not, once it is resolved. */
  readonly credit: 'not_tried' | 'approved' | 'declined' | 'unknown'
  /** Contribution of the order: margin less costs and expected loss, minor units. */
  readonly value: number
}

const ATTEMPTS_MAX = 3
const noTieBreak = (): number => 0

/**
 * Pays one order with the product's own scoring and cascade. The shopper's first choice comes first, unless the
 * gateway may order by value; own money never turns into credit by itself.
 */
export function payOrder(order: Order, offer: CreditOffer | undefined, world: World): PaymentOutcome {
  const accepted = acceptedTenders(order, offer)
  let credit: PaymentOutcome['credit'] = 'not_tried'
  if (accepted.length > 0) {
    const values = new Map(accepted.map(tender => [tender, valueOf(order, tender, offer, world)]))
    for (const tender of cascadeOf(order, values)) {
      const answer = answerOf(order, tender, world)
      if (tender === 'credit') credit = answer
      if (answer !== 'declined') {
        const value = answer === 'approved' ? contribution(values.get(tender)) : -world.economics.unknownCost
        return { ...(answer === 'approved' ? { paidBy: tender } : {}), credit, value }
      }
    }
    return { credit, value: 0 }
  }
  return order.switches ? payAlternative(order, world) : { credit, value: 0 }
}

/** Nothing accepted is left: the shopper is shown what works now and picks the first that they have. */
function payAlternative(order: Order, world: World): PaymentOutcome {
  for (const tender of OWN_MONEY) {
    if (answerOf(order, tender, world) !== 'approved') continue
    return {
      paidBy: tender,
      credit: 'not_tried',
      value: contribution(valueOf(order, tender, undefined, world)),
    }
  }
  return { credit: 'not_tried', value: 0 }
}

const OWN_MONEY = ['card', 'wallet', 'balance'] as const

function acceptedTenders(order: Order, offer: CreditOffer | undefined): StressTender[] {
  if (order.wants !== 'credit') return order.acceptsOthers ? [...OWN_MONEY] : [order.wants]
  return STRESS_TENDERS.filter(tender => (tender === 'credit' ? offer !== undefined : order.acceptsOthers))
}

function cascadeOf(order: Order, values: ReadonlyMap<StressTender, RouteValue>): StressTender[] {
  const steps = [...values].map(([id, { gain, continuation }]) => ({ id, gain, continuation }))
  return rankCascade(steps, {
    attemptsMax: ATTEMPTS_MAX,
    leaveOutLosing: false,
    placed: () => false,
    group: id => (order.bestValue || id === order.wants ? 0 : 1),
    tieBreak: noTieBreak,
  }) as StressTender[]
}

function valueOf(
  order: Order,
  tender: StressTender,
  offer: CreditOffer | undefined,
  world: World,
): RouteValue {
  const { routes, economics } = world
  const { approval, unknown, latencyMs, costBps, fixed } = routes[tender]
  const byCredit = tender === 'credit'
  const money = byCredit ? (order.amount * (offer?.moneyBps ?? 0)) / BPS : 0
  const costs = {
    success: successCost(order.amount, { percentBps: costBps, fixed }) + money,
    perAttempt: 0,
    expectedLoss: byCredit ? order.amount * economics.probabilityOfDefault * economics.lossGivenDefault : 0,
    shadowPrice: byCredit ? (order.amount * (offer?.lambdaBps ?? 0)) / BPS : 0,
  }
  return valueRoute(order.amount, { approval, unknown, latencyMs }, costs, economics, 0)
}

/** The shadow price steers and costs nobody anything; it is not part of what an order earned. */
function contribution(value: RouteValue | undefined): number {
  return value ? value.margin - value.cost - value.expectedLoss - value.perAttempt : 0
}

function answerOf(order: Order, tender: StressTender, world: World): 'approved' | 'declined' | 'unknown' {
  const { approval, unknown } = world.routes[tender]
  const luck = order.luck[tender]
  if (luck < unknown) return 'unknown'
  return (luck - unknown) / (1 - unknown) < approval ? 'approved' : 'declined'
}
