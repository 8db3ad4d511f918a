import { Bounded } from './bounded.ts'
import type { CreditBook } from './credit-book.ts'
import { type Dials, draw } from './dials.ts'
import { type Ending, endingOf, refusedFor } from './ending.ts'
import { flawed, hiccupReply, isSaidAgain } from './flaws.ts'
import type { Ledger, LedgerKind, LedgerRecord } from './ledger.ts'
import { type Behaviour, chosenBehaviour } from './magic.ts'
import { heldOnlyOf, newPayment, type Payment, refundedOf, viewOf } from './payment.ts'
import {
  answer,
  CREDIT_ROUTE,
  firstIssue,
  parseJson,
  payRequestSchema,
  problem,
  reset,
  silence,
} from './protocol.ts'
import type { CancelVerb, PayRequest, Reply, SandboxRoute } from './protocol.ts'
import { restored } from './restore.ts'
import type { Timers } from './timers.ts'

export interface UpstreamParts {
  readonly route: SandboxRoute
  readonly ledger: Ledger
  readonly credit: CreditBook
  readonly timers: Timers
  readonly paymentsMax: number
  readonly dials: () => Dials
  /** Where a payer completes a redirect. */
  readonly actionUrl: (reference: string) => string
  /** Tells the payment's state, or what else is given. */
  readonly notify: (payment: Payment, told?: object) => void
}

/** By what a refund or a capture is known. */
type OwnReference = Pick<LedgerRecord, 'refundReference' | 'captureReference'>

const hiccupsMax = 10_000

/** One upstream: its payments and what it does with them. Knows nothing of HTTP but the replies it hands out. */
export class Upstream {
  readonly #parts: UpstreamParts
  #payments: Bounded<Payment | 'tombstone'>
  #hiccups = new Bounded<true>(hiccupsMax)
  readonly #started = Date.now()
  #made = 0
  /** Same key again and answered from memory; same key with another body. */
  replayed = 0
  conflicts = 0

  constructor(parts: UpstreamParts) {
    this.#parts = parts
    this.#payments = new Bounded(parts.paymentsMax)
    for (const [reference, payment] of restored(parts.route, parts.ledger.records)) {
      this.#payments.set(reference, payment)
    }
    for (const record of parts.ledger.records) if (record.route === parts.route) this.#moveCredit(record)
  }

  /** `raw` is the request as it came: resends of one key must be the same to the byte. */
  pay(raw: string, key: string | undefined): Reply {
    const parsed = payRequestSchema.safeParse(parseJson(raw))
    if (!parsed.success) return problem(400, 'invalid_request', firstIssue(parsed.error))
    const request = parsed.data
    if (key !== undefined && key !== request.reference) {
      return problem(400, 'key_mismatch', 'Idempotency-Key must be the reference.')
    }
    const dials = this.#parts.dials()
    const { seed } = dials
    if (drawn(dials.lostRequestShare, seed, request.reference, 'lost-request')) return silence
    const known = this.#knownReply(request, raw)
    if (known !== undefined) return known
    const behaviour = dials.magic ? chosenBehaviour(this.#parts.route, request) : undefined
    if (behaviour === 'unknown')
      return problem(400, 'unknown_behaviour', 'See docs/sandbox.md for their names.')
    const reply = this.#begin(request, raw, behaviour)
    return drawn(dials.lostAnswerShare, seed, request.reference, 'lost-answer') ? reset : reply
  }

  query(reference: string): Reply {
    const payment = this.find(reference)
    if (payment === undefined || Date.now() - payment.createdAt < this.#parts.dials().queryLagMs) {
      return problem(404, 'not_found', 'No payment with this reference.')
    }
    return answer(viewOf(payment))
  }

  /** `close` ends what is unpaid; `void` and `reverse` also undo what is authorized or approved. */
  cancel(reference: string, verb: CancelVerb): Reply {
    const payment = this.#payments.get(reference)
    if (payment === 'tombstone' || payment === undefined) {
      if (payment === undefined && this.#parts.dials().tombstones) this.#bury(reference)
      return answer({ status: 'not_found' })
    }
    const paid = payment.state === 'authorized' || payment.state === 'approved'
    if (paid && (verb === 'close' || refundedOf(payment) > 0)) return answer({ status: 'already_paid' })
    this.#undo(payment)
    return answer({ status: 'canceled' })
  }

  /** The payer's answer to a redirect, or the end of its time. */
  complete(reference: string, result: 'approved' | 'declined' | 'expired'): Payment | undefined {
    const payment = this.find(reference)
    if (payment?.state === 'requires_action') this.#settle(payment, endingOf(result))
    return payment
  }

  find(reference: string): Payment | undefined {
    const payment = this.#payments.get(reference)
    return payment === 'tombstone' ? undefined : payment
  }

  /** Writes to the ledger, and moves the payer's credit on the route that lends. */
  record(payment: Payment, kind: LedgerKind, value: number, own: OwnReference = {}): void {
    const { ledger, route } = this.#parts
    const { reference, orderId, payer, amount } = payment
    const entry = { route, kind, reference, orderId, payer, currency: amount.currency, value }
    this.#moveCredit(ledger.append({ ...entry, ...own }))
  }

  /** A capture moves nothing: its authorization has drawn on the credit already. */
  #moveCredit({ route, kind, payer, value }: LedgerRecord): void {
    if (route !== CREDIT_ROUTE) return
    const { credit } = this.#parts
    if (kind === 'charged' || kind === 'authorized') credit.draw(payer, value)
    if (kind === 'voided' || kind === 'released' || kind === 'refunded') credit.draw(payer, -value)
  }

  /** Nothing more will be captured: what is still held is the payer's again. */
  releaseRest(payment: Payment): void {
    const heldOnly = heldOnlyOf(payment)
    payment.ended = true
    if (heldOnly > 0) this.record(payment, 'released', heldOnly)
  }

  /** Tells of a refund or capture of the payment. */
  tell(payment: Payment, told: object): void {
    this.#parts.notify(payment, { reference: payment.reference, ...told })
  }

  clear(): void {
    this.#payments = new Bounded(this.#parts.paymentsMax)
    this.#hiccups = new Bounded(hiccupsMax)
    this.replayed = 0
    this.conflicts = 0
  }

  /** What a reference that was seen before is answered, or undefined when it counts as new. */
  #knownReply(request: PayRequest, raw: string): Reply | undefined {
    const known = this.#payments.get(request.reference)
    if (known === undefined) return undefined
    if (known === 'tombstone') {
      const { reference, amount } = request
      return answer({ status: 'declined', reference, amount, declineCode: 'canceled' })
    }
    const { idempotency, keyMemoryMs, tombstones } = this.#parts.dials()
    switch (idempotency) {
      case 'none':
        return tombstones && known.state === 'canceled' ? answer(viewOf(known)) : undefined
      case 'reference':
        return problem(409, 'duplicate_reference', 'This reference was used before.')
      case 'key':
        if (keyMemoryMs !== null && Date.now() - known.createdAt > keyMemoryMs) return undefined
        if (known.request !== undefined && known.request !== raw) {
          this.conflicts += 1
          return problem(422, 'key_reused', 'This key was used with another body.')
        }
        this.replayed += 1
        return known.firstReply ?? answer(viewOf(known))
    }
  }

  #begin(request: PayRequest, raw: string, behaviour: Behaviour | undefined): Reply {
    const dials = this.#parts.dials()
    if (behaviour?.hiccup !== undefined) {
      const again = this.#hiccups.get(request.reference) === true
      this.#hiccups.set(request.reference, true)
      if (!again || dials.replaysErrors) return hiccupReply(behaviour.hiccup)
    }
    if (behaviour?.course === 'absent') return silence
    if (behaviour?.course === 'late') {
      this.#parts.timers.after(dials.lateMs, () => this.#takeLateEffect(request, raw))
      return silence
    }
    return this.#process(request, raw, behaviour)
  }

  /** A request that was on its way all the time: whatever was promised about it meanwhile holds. */
  #takeLateEffect(request: PayRequest, raw: string): void {
    if (this.#knownReply(request, raw) === undefined) this.#process(request, raw, undefined)
  }

  #process(request: PayRequest, raw: string, behaviour: Behaviour | undefined): Reply {
    this.#made += 1
    const providerReference = `sbx_${this.#started.toString(36)}_${this.#made}`
    const payment = newPayment(request, raw, behaviour, providerReference)
    this.#payments.set(payment.reference, payment)
    const ending = this.#verdict(request, behaviour)
    const dials = this.#parts.dials()
    if (ending.state === 'approved' && behaviour?.course !== undefined) this.#open(payment, behaviour, dials)
    else this.#settle(payment, ending)
    const plain = answer(viewOf(payment))
    const wire = flawed(plain, payment, dials)
    payment.firstReply = isSaidAgain(behaviour, dials) ? wire : plain
    return wire
  }

  #verdict(request: PayRequest, behaviour: Behaviour | undefined): Ending {
    const { route, credit } = this.#parts
    const dials = this.#parts.dials()
    if (dials.honoursExpiry && request.expiresAt !== undefined && request.expiresAt < Date.now()) {
      return { state: 'declined', code: 'expired' }
    }
    if (behaviour?.decline !== undefined) return refusedFor(behaviour.decline)
    if (route === CREDIT_ROUTE) {
      const refusal = credit.refusal(request.payer, request.amount.value)
      if (refusal !== undefined) return { state: 'declined', code: refusal, category: 'credit_refused' }
    }
    if (behaviour === undefined && drawn(1 - dials.approvalRate, dials.seed, request.reference, 'approval')) {
      return refusedFor(dials.declineCategory)
    }
    return { state: 'approved' }
  }

  /** Begins a payment that is decided later. */
  #open(payment: Payment, behaviour: Behaviour, dials: Dials): void {
    const { timers } = this.#parts
    if (behaviour.course === 'flips') {
      this.#settle(payment, refusedFor('issuer_declined'))
      timers.after(dials.settleMs, () => this.#approveAfterAll(payment))
      return
    }
    const ends = behaviour.ends ?? 'expired'
    const afterMs = behaviour.ends === undefined ? dials.actionMs : dials.settleMs
    if (behaviour.course === 'requires_action') {
      payment.state = 'requires_action'
      const expiresAt = payment.createdAt + dials.actionMs
      payment.nextAction = { type: 'redirect', url: this.#parts.actionUrl(payment.reference), expiresAt }
    }
    timers.after(afterMs, () => {
      const open = payment.state === 'processing' || payment.state === 'requires_action'
      if (open) this.#settle(payment, endingOf(ends))
    })
  }

  #approveAfterAll(payment: Payment): void {
    if (payment.state === 'declined') this.#settle(payment, { state: 'approved' })
  }

  #settle(payment: Payment, ending: Ending): void {
    if (ending.state === 'declined') {
      payment.state = 'declined'
      payment.declineCode = ending.code
      if (ending.category !== undefined) payment.declineCategory = ending.category
    } else if (payment.capture === 'manual') {
      this.record(payment, 'authorized', payment.amount.value)
      payment.state = 'authorized'
    } else {
      this.record(payment, 'charged', payment.amount.value)
      payment.state = 'approved'
      payment.captured = payment.amount.value
    }
    this.#parts.notify(payment)
  }

  #undo(payment: Payment): void {
    const heldOnly = heldOnlyOf(payment)
    if (payment.captured > 0) this.record(payment, 'voided', payment.captured)
    if (heldOnly > 0) this.record(payment, 'released', heldOnly)
    payment.captured = 0
    const before = payment.state
    payment.state = 'canceled'
    if (before !== 'declined' && before !== 'canceled') this.#parts.notify(payment)
  }

  #bury(reference: string): void {
    this.#payments.set(reference, 'tombstone')
    const { ledger, route } = this.#parts
    ledger.append({ route, kind: 'tombstoned', reference, orderId: '', payer: '', currency: 'XXX', value: 0 })
  }
}

function drawn(share: number, seed: number, reference: string, purpose: string): boolean {
  return share > 0 && draw(seed, reference, purpose) < share
}
