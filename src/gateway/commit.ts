import type { Attempt, Payment } from '../core/payment/payment.ts'
import { dueAt } from '../core/payment/schedule.ts'
import { holdsMoney, isClosed } from '../core/payment/transition.ts'
import { keptValue } from '../core/payment/view.ts'
import type {
  DecisionRow,
  KeyBinding,
  PaymentWrite,
  Reserve,
  SaveResult,
  Settle,
  StoredPayment,
} from '../ports/journal.ts'
import { paymentEvents } from './events.ts'
import type { Gateway, Runtime } from './runtime.ts'

export interface Change {
  readonly before: Payment
  readonly version: number
  readonly after: Payment
  /** Given when the caller acts as the owner of the lease. */
  readonly epoch?: number
  readonly leaseMs?: number
  /** Given when it is due at another time than follows from its state, Unix ms. */
  readonly dueAt?: number
  readonly reserve?: Reserve
  readonly decision?: DecisionRow
  readonly key?: KeyBinding
  readonly inbox?: PaymentWrite['inbox']
}

export interface Committed {
  readonly result: SaveResult
  /** The payment as it was written, with its events counted. */
  readonly payment: Payment
}

/**
 * Writes a change of a payment with everything that belongs to it: reservations that end, events that it causes,
 * and when it is due again. The one place where a payment is saved.
 */
export async function commit(gateway: Gateway, runtime: Runtime, change: Change): Promise<Committed> {
  const { clock, random, journal, telemetry } = gateway.ports
  const now = clock.now()
  const tenant = runtime.tenants.get(change.after.tenant)
  const { payment, outbox } = paymentEvents(change.before, change.after, tenant, random, now)
  const settle = settlements(change.before, payment)
  const started = clock.monotonic()
  const result = await journal.save({
    payment,
    version: change.version,
    dueAt: change.dueAt ?? dueAt(payment, now),
    ...(change.epoch === undefined ? {} : { epoch: change.epoch }),
    ...(change.leaseMs === undefined ? {} : { leaseMs: change.leaseMs }),
    ...(change.reserve === undefined ? {} : { reserve: change.reserve }),
    ...(change.decision === undefined ? {} : { decision: change.decision }),
    ...(change.key === undefined ? {} : { key: change.key }),
    ...(change.inbox === undefined ? {} : { inbox: change.inbox }),
    ...(settle.length === 0 ? {} : { settle }),
    ...(outbox.length === 0 ? {} : { outbox }),
  })
  telemetry.record({ kind: 'journal_commit', durationMs: clock.monotonic() - started })
  return { result, payment }
}

/**
 * Approved attempts take what they reserved, closed ones give it back, all others keep it. A void gives it back too, and
 * the last capture what it leaves.
 */
function settlements(before: Payment, after: Payment): Settle[] {
  return after.attempts.flatMap(attempt => {
    if (attempt.reservation === undefined) return []
    const was = before.attempts.find(({ reference }) => reference === attempt.reference)
    const now = settlementOf(after, attempt)
    const then = was === undefined ? undefined : settlementOf(before, was)
    const same = then?.outcome === now?.outcome && then?.value === now?.value
    return now === undefined || same ? [] : [now]
  })
}

function settlementOf(payment: Payment, attempt: Attempt): Settle | undefined {
  const { reference } = attempt
  if (isClosed(attempt)) return { reference, outcome: 'release' }
  if (!holdsMoney(attempt)) return undefined
  const kept = reference === payment.winner ? keptValue(payment) : undefined
  if (kept === 0) return { reference, outcome: 'release' }
  return { reference, outcome: 'commit', ...(kept === undefined ? {} : { value: kept }) }
}

/** How often a change is tried again on what the payment has become in the meantime. */
const WRITES_MAX = 16

/**
 * Joins a change that anybody may make, whoever holds the lease, into whatever the payment has become in the meantime.
 * `unchanged` writes nothing, unless an event has to be used up with it. Rejects with `JournalUnavailable`.
 */
export async function join(
  gateway: Gateway,
  first: StoredPayment,
  inbox: PaymentWrite['inbox'],
  next: (payment: Payment) => Payment,
): Promise<{ readonly kind: 'saved' | 'unchanged' | 'duplicate_event' } & JoinedPayments> {
  let stored = first
  for (let writes = 0; writes < WRITES_MAX; writes++) {
    const before = stored.payment
    const after = next(before)
    if (after === before && inbox === undefined) return { kind: 'unchanged', before, payment: before }
    const { result, payment } = await commit(gateway, gateway.runtime(), {
      before,
      version: stored.version,
      after,
      ...(inbox === undefined ? {} : { inbox }),
    })
    if (result.kind === 'saved') return { kind: 'saved', before, payment }
    if (result.kind === 'duplicate_event') return { kind: 'duplicate_event', before, payment: before }
    if (result.kind !== 'conflict') break
    stored = result.stored
  }
  throw new Error('a payment changed more often than a change could be joined')
}

interface JoinedPayments {
  readonly before: Payment
  readonly payment: Payment
}
