import type { Evidence } from '../core/payment/outcome.ts'
import { claimApproval, claimOperations } from '../core/payment/claim.ts'
import type { Attempt, Payment } from '../core/payment/payment.ts'
import { isOpen } from '../core/payment/transition.ts'
import { recordEvidence } from './evidence.ts'
import type { Facts } from './facts.ts'
import { hearOfOperation } from './notify-operation.ts'
import type { Gateway, RouteRuntime } from './runtime.ts'
import { stopwatch } from './stopwatch.ts'

/** What became of a notification. Only `refused` and `unknown` are told to the sender as failures. */
export type NotificationResult = 'recorded' | 'duplicate' | 'ignored' | 'refused' | 'unknown'

/**
 * Takes in what an upstream tells by itself: verified over the raw bytes, recorded once per event, and joined like
 * any other evidence, so that order does not matter. An approval or a refusal is confirmed by asking the upstream where
 * it can be asked: a stolen secret must be enough neither to make an order look paid nor to have it charged again.
 * Rejects with `JournalUnavailable`; then the upstream tells again.
 */
export async function receiveNotification(
  gateway: Gateway,
  facts: Facts,
  routeId: string,
  headers: Readonly<Record<string, string | undefined>>,
  body: Uint8Array,
): Promise<NotificationResult> {
  const route = gateway.runtime().routes.get(routeId)
  if (route?.notifications === undefined) return 'unknown'
  const reading = await route.notifications.read(headers, body, gateway.ports.clock.now())
  if (reading.kind === 'payer_changed') {
    await forgetPayer(gateway, facts, routeId, reading)
    return 'recorded'
  }
  if (reading.kind !== 'claim') return reading.kind
  const { eventId, evidence, payment: named } = reading.claim
  const stored = await gateway.ports.journal.findByReference(named ?? evidence.reference)
  if (stored === undefined) return 'unknown'
  const attempt = stored.payment.attempts.find(({ reference }) => reference === evidence.reference)
  if (attempt === undefined || named !== undefined) {
    return hearOfOperation(gateway, facts, route, stored, reading.claim)
  }
  // A reference of another route is none of this sender's business.
  if (attempt.route !== routeId) return 'unknown'
  const confirmed = await confirm(gateway, route, stored.payment, attempt, evidence)
  const claimed = isApproval(evidence) && isUndecided(confirmed)
  const also = (joined: Payment): Payment => {
    const { reference, at } = confirmed
    const after = claimed ? claimApproval(joined, reference, at) : joined
    // It may be the capture or void that the upstream tells of: both are repeated, which is asking.
    return reference === after.winner ? claimOperations(after, at, ({ kind }) => kind !== 'refund') : after
  }
  const inbox = { route: routeId, eventId }
  const result = await recordEvidence(gateway, facts, confirmed, { stored, inbox, also })
  return result.kind === 'unknown_reference' ? 'unknown' : result.kind
}

/** The lender knows payers, not tenants: what any tenant has cached about this payer on this route is dropped. */
async function forgetPayer(
  gateway: Gateway,
  facts: Facts,
  routeId: string,
  { payer, currency }: { readonly payer: string; readonly currency: string },
): Promise<void> {
  const runtime = gateway.runtime()
  await Promise.all(
    [...runtime.tenants.keys()].map(tenant => facts.invalidate(runtime, tenant, payer, currency, routeId)),
  )
}

async function confirm(
  gateway: Gateway,
  { connector }: RouteRuntime,
  payment: Payment,
  attempt: Attempt,
  evidence: Evidence,
): Promise<Evidence> {
  const { clock } = gateway.ports
  if (!attempt.contract.queryable || !movesMoney(payment, attempt, evidence)) return evidence
  const elapsedMs = stopwatch(clock)
  const result = await connector.query(attempt.reference, attempt.amount, { timeoutMs: attempt.timeoutMs })
  // Whatever the upstream says when asked counts.
  return { reference: evidence.reference, source: 'query', result, at: clock.now(), latencyMs: elapsedMs() }
}

/** What would make an order look paid, or free it for another attempt, if it were not true. */
function movesMoney(payment: Payment, attempt: Attempt, evidence: Evidence): boolean {
  const settled = payment.result !== undefined && !isOpen(attempt) && attempt.reference === payment.winner
  if (isApproval(evidence)) return !settled
  const { kind } = evidence.result
  return kind === 'canceled' || (kind === 'declined' && isOpen(attempt))
}

function isApproval({ result }: Evidence): boolean {
  return result.kind === 'approved' || result.kind === 'authorized'
}

/** The upstream could not be asked now, or has not made up its mind. The claim is kept, and the resolver will ask. */
function isUndecided({ result: { kind } }: Evidence): boolean {
  return kind !== 'approved' && kind !== 'authorized' && !REFUSALS.has(kind)
}

const REFUSALS: ReadonlySet<string> = new Set(['declined', 'canceled', 'not_found'])
