import type { Decision, PriorAttempt } from '../core/decision.ts'
import { consentFor } from '../core/eligibility/gates.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import type { Attempt, Payment } from '../core/payment/payment.ts'
import { currentContext } from '../core/payment/switch.ts'
import { neededMs, type Route, type UpstreamContract } from '../core/payment/route.ts'
import type { Permit } from '../ports/breaker.ts'
import type { Reserve } from '../ports/journal.ts'
import { newReference, shardOf } from './ids.ts'
import type { Gateway, RouteRuntime, Runtime } from './runtime.ts'

/** An attempt that may be opened: leave of the breaker, the INTENT, and what it takes from credit and pools. */
export interface Opening {
  readonly attempt: Attempt
  readonly permit: Permit
  readonly reserve?: Reserve
}

/**
 * Prepares an attempt on the head of the cascade. Undefined when the breaker gives no leave: the caller decides
 * again without the route. Nothing is sent or written here.
 */
export function prepareAttempt(
  gateway: Gateway,
  runtime: Runtime,
  payment: Payment,
  routeId: string,
  decision: Decision,
): Opening | undefined {
  const { clock, random, breaker } = gateway.ports
  const permit = breaker.permit(routeId)
  if (permit === undefined) return undefined
  const { route } = runtime.routes.get(routeId) as RouteRuntime
  const now = clock.now()
  const accepted = consentFor(currentContext(payment), route)
  const reference = newReference(clock, random, shardOf(payment.id))
  // The journal may be slow: what was in time when the attempt was opened is sent in time, or not at all.
  const sendableUntil = Math.min(now + gateway.settings.sendWindowMs, payment.deadlineAt - neededMs(route))
  const reserve = reserveFor(gateway, payment, route, reference, decision, now)
  const attempt: Attempt = {
    reference,
    route: route.id,
    tender: route.tender,
    amount: payment.context.amount,
    status: 'intent',
    contract: contractOf(route, payment.checkout),
    timeoutMs: route.timeoutMs,
    openedAt: now,
    sendableUntil,
    expiresAt: sendableUntil + route.timeoutMs,
    keyWindowEndsAt: now + route.capability.idempotency.retentionHours * 3_600_000,
    ...(accepted?.instalments === undefined ? {} : { instalments: accepted.instalments }),
    ...(accepted?.quote === undefined ? {} : { quote: accepted.quote }),
    ...(reserve === undefined ? {} : { reservation: reservationOf(reserve) }),
  }
  return { attempt, permit, ...(reserve === undefined ? {} : { reserve }) }
}

/** What the upstream promises. A checkout's own protocol has no words of ours for asking and cancelling. */
export function contractOf({ capability }: Route, checkout?: Payment['checkout']): UpstreamContract {
  const { idempotency, settleWindowMs } = capability
  const { queryable, cancel, honoursExpiry, cancelTombstones } =
    checkout === undefined ? capability : CANNOT_BE_ASKED
  return {
    idempotency,
    queryable,
    cancel,
    honoursExpiry,
    cancelTombstones,
    ...(settleWindowMs === undefined ? {} : { settleWindowMs }),
  }
}

const CANNOT_BE_ASKED = {
  queryable: false,
  cancel: [],
  honoursExpiry: false,
  cancelTombstones: false,
} as const

/** Skips the routes that need more time than the payment has left: what begins there could not end in time. */
export function skipLateRoutes(
  routes: readonly Route[],
  deadlineAt: number,
  now: number,
  refused: Map<string, string>,
): void {
  for (const route of routes) {
    const late = deadlineAt - now < neededMs(route)
    if (late && !refused.has(route.id)) refused.set(route.id, 'TECH_SESSION_EXPIRED')
  }
}

/** Runs the write that opens an attempt. When it does not open it, or fails, the breaker has its permit back. */
export async function withPermit<T>(
  gateway: Gateway,
  opening: Opening | undefined,
  write: () => Promise<T>,
  opened: (result: T) => boolean,
): Promise<T> {
  let done = false
  try {
    const result = await write()
    done = opened(result)
    return result
  } finally {
    if (!done && opening !== undefined) gateway.ports.breaker.cancel(opening.permit)
  }
}

/** Tells the pools what the journal has refused, and whether to try again at another source. */
export function otherSourceMayCarry({ ports }: Gateway, opening: Opening | undefined): boolean {
  const funds = opening?.reserve?.funds
  return funds !== undefined && (ports.pools?.exhausted?.(funds) ?? false)
}

function reserveFor(
  gateway: Gateway,
  payment: Payment,
  route: Route,
  reference: string,
  decision: Decision,
  now: number,
): Reserve | undefined {
  const funds = gateway.ports.pools?.reservation(route, payment.context, now)
  const hold = creditHold(payment.context, route, decision)
  if (funds === undefined && hold === undefined) return undefined
  return { reference, ...(hold === undefined ? {} : { hold }), ...(funds === undefined ? {} : { funds }) }
}

/** A credit payment holds the payer's credit in the INTENT's write, so that two at once cannot both pass. */
function creditHold(context: PaymentContext, route: Route, decision: Decision): Reserve['hold'] {
  const facts = decision.inputs.routes[route.id]?.facts
  if (route.tender !== 'credit' || facts?.kind !== 'known') return undefined
  const { availableCredit, asOf } = facts.facts
  return {
    lender: route.lender ?? route.id,
    payer: context.payer.id,
    value: context.amount.value,
    available: availableCredit,
    asOf,
  }
}

function reservationOf({ hold, funds }: Reserve): NonNullable<Attempt['reservation']> {
  return {
    ...(funds === undefined ? {} : { pool: funds.pool }),
    ...(hold === undefined ? {} : { hold: true }),
  }
}

/**
 * The attempts that were refused for certain, as the next decision has to know them. One that was closed because the
 * payer wanted another tender was no refusal.
 */
export function priorAttempts(payment: Payment): PriorAttempt[] {
  const left = payment.switchTo !== undefined || payment.switched !== undefined
  const refused = payment.attempts.filter(({ status }) => !left || status !== 'voided')
  return refused.map(({ route, tender, status, declineCategory }) => ({
    route,
    tender,
    category: declineCategory ?? (status === 'not_sent' ? 'not_sent' : 'upstream_unavailable'),
  }))
}
