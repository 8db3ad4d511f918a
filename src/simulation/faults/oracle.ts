import type { Payment } from '../../core/payment/payment.ts'
import { isClosed, isOpen } from '../../core/payment/transition.ts'
import type { PayRequest } from '../../ports/connector.ts'
import type { BeginWrite, FundSource, PaymentWrite, StoredPayment } from '../../ports/journal.ts'
import { EPOCH_MS, type Incarnation } from './incarnation.ts'
import type { LedgerKind, SimulatedUpstream, UpstreamPayment } from './upstream.ts'

/** A broken promise. The invariants are numbered as in docs/simulation.md. */
export interface Violation {
  readonly invariant: string
  readonly text: string
  /** True time, ms. */
  readonly at: number
  /** The order that it is about, where it is about one. */
  readonly order?: number
}

/** What clocks may differ by, with the grain of a millisecond. */
const CLOCK_SLACK_MS = 2_001

/** What a client was told about a payment with a final result. */
export interface Told {
  readonly key: string
  readonly fingerprint: string
  readonly payment: Payment
}

/**
 * Watches every step and knows nothing of how the gateway works: it reads the upstreams' books, what became durable,
 * what left on the wire and what clients were told. What the books can be asked only when all is at rest is in
 * `books.ts`.
 */
export class Oracle {
  readonly violations: Violation[] = []
  /** Payments as the last sync left them. */
  readonly durable = new Map<string, Payment>()
  /** Payments of each upstream reference that is durable. */
  readonly references = new Map<string, string>()
  /** Orders where an upstream broke its word, so that two charges at once are its own doing. */
  readonly betrayed = new Set<number>()
  /** Orders of which an upstream, or a thief in its name, has said two different ends of a refund. */
  readonly contradicted = new Set<number>()
  /** What each idempotency key has led to. */
  readonly keys = new Map<string, { payment: string; fingerprint: string; final?: string }>()
  readonly #now: () => number
  readonly #upstreams: () => readonly SimulatedUpstream[]
  readonly #applied = new Map<string, Payment>()
  readonly #orders = new Map<string, Set<string>>()
  readonly #owners = new Map<string, Incarnation>()
  readonly #epochs = new Map<string, number>()
  readonly #bodies = new Map<string, string>()
  #last: { upstream: SimulatedUpstream; request: PayRequest; body: string } | undefined

  constructor(now: () => number, upstreams: () => readonly SimulatedUpstream[]) {
    this.#now = now
    this.#upstreams = upstreams
  }

  /** `text` begins with the id, reference, key or order that it is about. */
  fail(invariant: string, text: string): void {
    const order = this.#orderOf(text.split(':', 1)[0] as string)
    this.violations.push({ invariant, text, at: this.#now(), ...(order === undefined ? {} : { order }) })
  }

  /** Everything by which an order's payments are known: ids, references and keys. */
  idsOf(order: number): Set<string> {
    const ids = new Set<string>()
    for (const payment of [...this.durable.values(), ...this.#applied.values()]) {
      if (payment.context.orderId !== `order-${order}`) continue
      ids.add(payment.id)
      for (const { reference } of [...payment.attempts, ...payment.operations]) ids.add(reference)
    }
    return ids
  }

  #orderOf(subject: string): number | undefined {
    const named = /^(?:order |key-)(\d+)/.exec(subject)?.[1]
    if (named !== undefined) return Number(named)
    const id = subject.split(' ', 1)[0] as string
    for (const payment of [...this.durable.values(), ...this.#applied.values()]) {
      const ids = [payment, ...payment.operations].map(other => other.id)
      const references = payment.attempts.map(({ reference }) => reference)
      if ([...ids, ...references].includes(id)) return Number(payment.context.orderId.slice('order-'.length))
    }
    return undefined
  }

  // What the journal says.

  applied(payment: Payment, write: BeginWrite | PaymentWrite, by: Incarnation): void {
    const before = this.#applied.get(payment.id)
    this.#applied.set(payment.id, payment)
    if (before === undefined) {
      this.#owners.set(payment.id, by)
      this.#epochs.set(payment.id, 1)
    } else this.#checkStep(before, payment, by)
    const epoch = 'epoch' in write ? write.epoch : undefined
    if (epoch !== undefined && epoch !== this.#epochs.get(payment.id)) {
      this.fail('I8', `${payment.id}: a write under epoch ${epoch} after another was granted`)
    }
    this.#checkShape(payment)
  }

  makeDurable(payment: Payment): void {
    this.durable.set(payment.id, payment)
    for (const { reference } of payment.attempts) this.references.set(reference, payment.id)
    const { orderId } = payment.context
    const known = this.#orders.get(orderId)
    if (known === undefined) this.#orders.set(orderId, new Set([payment.id]))
    else known.add(payment.id)
  }

  claimed({ payment, epoch }: StoredPayment, by: Incarnation): void {
    this.#owners.set(payment.id, by)
    this.#epochs.set(payment.id, epoch)
    this.#applied.set(payment.id, payment)
  }

  /** What was not synced has never been. */
  powerLost(open: readonly StoredPayment[]): void {
    this.#applied.clear()
    for (const [id, payment] of this.durable) this.#applied.set(id, payment)
    for (const { payment, epoch } of open) this.#epochs.set(payment.id, epoch)
  }

  #checkStep(before: Payment, after: Payment, by: Incarnation): void {
    const { id } = after
    if (before.result !== undefined && before.result !== after.result) {
      this.fail('I4', `${id}: the result was ${before.result} and became ${after.result}`)
    }
    if (before.context.amount.value !== after.context.amount.value)
      this.fail('I19', `${id}: the amount changed`)
    if (after.attempts.length > before.attempts.length && this.#owners.get(id) !== by) {
      this.fail('I8', `${id}: ${by.name} opened an attempt without the lease`)
    }
    for (const attempt of after.attempts) {
      const was = before.attempts.find(({ reference }) => reference === attempt.reference)
      if (
        was?.status !== 'not_sent' &&
        attempt.status === 'not_sent' &&
        this.#bodies.has(attempt.reference)
      ) {
        this.fail('I11', `${attempt.reference}: taken for not sent, but bytes have left`)
      }
    }
    const ended = before.operations.some(({ final, status }) => final === true && status !== 'failed')
    for (const operation of after.operations) {
      const was = before.operations.find(other => other.id === operation.id)
      const final = was?.status === 'succeeded' || was?.status === 'failed'
      if (final && was.status !== operation.status) this.fail('I4', `${operation.id}: changed after its end`)
      if (ended && was === undefined && operation.kind === 'capture') {
        this.fail('I14', `${operation.id}: opened although the last capture was made or may be`)
      }
    }
  }

  #checkShape(payment: Payment): void {
    let open = 0
    let won = 0
    for (const attempt of payment.attempts) {
      if (isOpen(attempt)) open++
      if (attempt.status === 'approved' || attempt.status === 'authorized') won++
    }
    // An upstream that approves what it has refused may make a winner beside an attempt that is under way.
    const may = this.betrayed.has(orderOf(payment)) ? open <= 1 && won <= 1 : open + won <= 1
    if (!may) this.fail('I1', `${payment.id}: ${open} attempts open and ${won} won`)
    for (const { reference, status } of payment.attempts) {
      const owed = status !== 'reversing' || payment.obligations.some(other => other.reference === reference)
      if (!owed) this.fail('I5', `${reference}: money to give back without an obligation`)
    }
    if (payment.attempts.length > payment.attemptsMax) this.fail('I20', `${payment.id}: too many attempts`)
    let captured = 0
    let refunded = 0
    for (const { kind, status, amount } of payment.operations) {
      if (status === 'failed') continue
      if (kind === 'capture') captured += amount.value
      if (kind === 'refund') refunded += amount.value
    }
    const amount = payment.context.amount.value
    if (refunded > amount || captured > amount) {
      this.fail('I14', `${payment.id}: operations of more than the amount`)
    }
  }

  /** A loan may be counted above the cap when it turns out late to have been made; none may be promised above it. */
  reserved(funds: readonly FundSource[], by: Incarnation): void {
    for (const { source, cap, used, reserved } of funds) {
      if (used + reserved > cap) {
        this.fail('I14', `${source}: ${by.name} reserved above the cap, ${used} + ${reserved} of ${cap}`)
      }
    }
  }

  // What leaves on the wire.

  sends(upstream: SimulatedUpstream, request: PayRequest, by: Incarnation): void {
    const { reference } = request
    const payment = this.durable.get(this.references.get(reference) ?? '')
    const attempt = payment?.attempts.find(other => other.reference === reference)
    if (payment === undefined || attempt === undefined) {
      this.fail('I2', `${reference}: sent without a durable intent`)
      return
    }
    const body = this.#bodyOf(upstream, request)
    const before = this.#bodies.get(reference)
    if (before !== undefined && before !== body) this.fail('I10', `${reference}: sent with another body`)
    const amount = payment.context.amount.value
    if (request.amount.value !== amount) this.fail('I19', `${reference}: sent with another amount`)
    if (this.#owners.get(payment.id) !== by)
      this.fail('I9', `${reference}: ${by.name} sends without the lease`)
    const now = EPOCH_MS + this.#now()
    if (now > attempt.sendableUntil + CLOCK_SLACK_MS) this.fail('I9', `${reference}: sent after its time`)
    if (before !== undefined && now > attempt.keyWindowEndsAt) {
      this.fail('I10', `${reference}: sent again when its key may be forgotten`)
    }
    // A resend that was announced before the end was known is harmless where every answer is replayed. Whoever took an
    // intent over cannot know whether it has left; where nobody can be asked sending is asking, and what comes of it goes back.
    const { mode, replaysErrors } = upstream.type.contract.idempotency
    const again = before !== undefined || (attempt.status !== 'intent' && !attempt.contract.queryable)
    if (again && mode === 'key' && replaysErrors) return
    if (isClosed(attempt)) this.fail('I10', `${reference}: sent although it is ${attempt.status}`)
    if (payment.result !== undefined) this.fail('I10', `${reference}: sent for a payment that has ended`)
  }

  /** The request has left its process for certain. */
  left(upstream: SimulatedUpstream, request: PayRequest): void {
    this.#bodies.set(request.reference, this.#bodyOf(upstream, request))
  }

  /** What is sent, as text. A request that leaves has been looked at a moment ago. */
  #bodyOf(upstream: SimulatedUpstream, request: PayRequest): string {
    if (this.#last?.request !== request || this.#last.upstream !== upstream) {
      this.#last = { upstream, request, body: `${upstream.id} ${JSON.stringify(request)}` }
    }
    return this.#last.body
  }

  // What the upstreams' books say.

  ledger(upstream: SimulatedUpstream, kind: LedgerKind, charge: UpstreamPayment, flipped: boolean): void {
    if (flipped) this.betrayed.add(charge.order)
    if (kind === 'charged' || kind === 'authorized') this.#checkCharge(upstream, charge)
    const refunds = [...charge.refunds.values()]
    if (refunds.some(refund => refund.flipped)) this.contradicted.add(charge.order)
    // What was refused first and made all the same is the upstream's own doing.
    const given = refunds.reduce(
      (sum, refund) => sum + (refund.state === 'approved' && !refund.flipped ? refund.value : 0),
      0,
    )
    if (given > charge.captured) this.fail('I14', `${charge.reference}: more refunded than taken`)
    if (charge.captured > charge.value) this.fail('I14', `${charge.reference}: more captured than authorized`)
  }

  #checkCharge(upstream: SimulatedUpstream, charge: UpstreamPayment): void {
    const { reference, order } = charge
    const payment = this.durable.get(this.references.get(reference) ?? '')
    if (payment === undefined) return this.fail('I5', `${reference}: charged, but no intent is known`)
    if (this.betrayed.has(order)) return
    const charges = upstream.payments.get(reference) ?? []
    if (charges.filter(other => upstream.held(other) > 0).length > 1) {
      this.fail('I3s', `${reference}: charged twice under one reference`)
    }
    const attempt = payment.attempts.find(other => other.reference === reference)
    if (attempt !== undefined && isClosed(attempt)) {
      this.fail('I12', `${reference}: charged although it was held to be ${attempt.status}`)
    }
    for (const other of this.#ofOrder(payment.context.orderId)) {
      if (other !== reference && this.#held(other) > 0) {
        this.fail('I3s', `order ${order}: ${other} is held while ${reference} is charged`)
      }
    }
  }

  #held(reference: string): number {
    return this.#upstreams().reduce((sum, upstream) => sum + upstream.heldBy(reference), 0)
  }

  #ofOrder(orderId: string): string[] {
    const payments = [...(this.#orders.get(orderId) ?? [])]
    return payments.flatMap(id => this.durable.get(id)?.attempts.map(({ reference }) => reference) ?? [])
  }

  // What clients hear.

  told({ key, fingerprint, payment }: Told): void {
    const known = this.keys.get(key)
    if (known === undefined) this.keys.set(key, { payment: payment.id, fingerprint })
    else if (known.payment !== payment.id) this.fail('I6', `${key}: was ${known.payment}, is ${payment.id}`)
    else if (known.fingerprint !== fingerprint) this.fail('I6', `${key}: executed with two bodies`)
    if (payment.result === undefined) return
    const final = finalAnswer(payment)
    const entry = this.keys.get(key)
    if (entry?.final !== undefined && entry.final !== final) {
      this.fail('I4', `${key}: was told ${entry.final} and then ${final}`)
    }
    if (entry !== undefined) entry.final = final
    const durable = this.durable.get(payment.id)
    if (durable === undefined || finalAnswer(durable) !== final) {
      this.fail('I4', `${key}: was told ${final}, which is not durable`)
    }
  }
}

function orderOf({ context: { orderId } }: Payment): number {
  return Number(orderId.slice('order-'.length))
}

/** What a final answer says and must go on saying. */
function finalAnswer({ result, winner, answered }: Payment): string {
  return JSON.stringify([result, winner ?? null, answered ?? []])
}
