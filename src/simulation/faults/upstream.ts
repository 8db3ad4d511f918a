import type { Money } from '../../core/payment/money.ts'
import type { UpstreamResult } from '../../core/payment/outcome.ts'
import type { CancelVerb } from '../../core/payment/route.ts'
import type { DeclineCategory } from '../../core/payment/decline.ts'
import type { PayRequest, RefundResult } from '../../ports/connector.ts'
import type { Dice } from './dice.ts'
import type { FaultPlan } from './fault-plan.ts'
import { Refunds, type UpstreamRefund } from './refunds.ts'
import type { UpstreamType } from './upstream-types.ts'

/** What has moved money at an upstream, as its own books say. */
export type LedgerKind = 'charged' | 'authorized' | 'captured' | 'undone' | 'refunded' | 'kept'

/** One payment in an upstream's books. */
export interface UpstreamPayment {
  readonly reference: string
  readonly order: number
  readonly manualCapture: boolean
  readonly createdAt: number
  /** Minor units taken, or that would be. */
  value: number
  state: 'processing' | 'requires_action' | 'authorized' | 'approved' | 'declined' | 'canceled' | 'failed'
  category: DeclineCategory
  captured: number
  refunded: number
  expiresAt: number
  /** Refused first and approved all the same. */
  flipped: boolean
  /** Cleared: from now on it can only be refunded. */
  cleared: boolean
  /** The last capture was made: nothing more can be captured. */
  released: boolean
  readonly captures: Set<string>
  readonly refunds: Map<string, UpstreamRefund>
}

export interface UpstreamPorts {
  readonly now: () => number
  readonly after: (ms: number, run: () => void) => void
  readonly diceOf: (order: number) => Dice
  /** Draws about what upstreams do with refunds by themselves. */
  readonly refundDiceOf: (order: number) => Dice
  readonly plan: FaultPlan
  readonly onLedger: (kind: LedgerKind, payment: UpstreamPayment, value: number, refund?: string) => void
  readonly onFinal: (payment: UpstreamPayment) => void
  /** A refund has another state; `contradicts` when the one before was an end. */
  readonly onRefund: (payment: UpstreamPayment, reference: string, contradicts: boolean) => void
}

const DECLINES: readonly DeclineCategory[] = [
  'insufficient_funds',
  'insufficient_funds',
  'issuer_declined',
  'limit_exceeded',
  'upstream_unavailable',
  'suspected_fraud',
]

const APPROVAL_SHARE = 0.65
const CLEARED_SHARE = 0.1
const REDIRECT_SHARE = 0.4

/**
 * One upstream and its books. It keeps its contract to the letter and uses every freedom that the contract leaves.
 * Knows nothing of the gateway but what arrives.
 */
export class SimulatedUpstream {
  readonly id: string
  readonly type: UpstreamType
  readonly payments = new Map<string, UpstreamPayment[]>()
  readonly #ports: UpstreamPorts
  readonly #refunds: Refunds
  readonly #dead = new Set<string>()

  constructor(id: string, type: UpstreamType, ports: UpstreamPorts) {
    this.id = id
    this.type = type
    this.#ports = ports
    this.#refunds = new Refunds(ports, type.notifies === 'surely')
  }

  /** Whether a reference was canceled before it was seen. */
  isDead(reference: string): boolean {
    return this.#dead.has(reference)
  }

  pay(request: PayRequest, order: number): UpstreamResult {
    const { contract } = this.type
    if (this.#dead.has(request.reference)) return declined('issuer_declined', 'canceled')
    if (contract.honoursExpiry && this.#ports.now() > request.expiresAt) {
      return declined('upstream_unavailable', 'expired')
    }
    const known = this.#known(request.reference)
    if (known !== undefined) return known
    const dice = this.#ports.diceOf(order)
    if (dice.chance(this.#ports.plan.error_before)) return this.#failBefore(request, order, dice)
    const payment = this.#decide(request, order, dice)
    return dice.chance(this.#ports.plan.error_after) ? UPSTREAM_ERROR : this.#view(payment)
  }

  query(reference: string): UpstreamResult {
    const payment = this.#newest(reference)
    if (payment === undefined || payment.state === 'failed') return { kind: 'not_found' }
    return this.#view(payment)
  }

  cancel(reference: string, verb: CancelVerb): UpstreamResult {
    const payment = this.#newest(reference)
    if (payment === undefined || payment.state === 'failed') {
      if (this.type.contract.cancelTombstones) this.#dead.add(reference)
      return { kind: 'not_found' }
    }
    switch (payment.state) {
      case 'canceled':
      case 'declined':
      case 'requires_action':
        break
      case 'processing':
        // What is being decided is not closed, and may be either way a moment later.
        if (verb !== 'reverse') return UPSTREAM_ERROR
        break
      case 'authorized':
      case 'approved':
        if (verb === 'close' || payment.refunded > 0 || payment.cleared) return { kind: 'already_paid' }
        this.#ports.onLedger('undone', payment, this.held(payment))
        payment.captured = 0
        break
    }
    const before = payment.state
    payment.state = 'canceled'
    if (before !== 'canceled' && before !== 'declined') this.#ports.onFinal(payment)
    return { kind: 'canceled' }
  }

  /** The same capture reference is the same capture. After the `last` one the rest of the authorization is released. */
  capture(reference: string, captureReference: string, amount: Money, last: boolean): RefundResult {
    const payment = this.#newest(reference)
    if (payment === undefined) return { kind: 'not_found' }
    if (payment.captures.has(captureReference)) return { kind: 'approved' }
    const open = payment.state === 'authorized' || (payment.state === 'approved' && payment.manualCapture)
    if (!open || payment.released) return { kind: 'declined', code: 'not_authorized' }
    payment.captures.add(captureReference)
    payment.captured += amount.value
    payment.released = last
    payment.state = 'approved'
    this.#ports.onLedger('captured', payment, amount.value)
    return { kind: 'approved' }
  }

  refund(reference: string, refundReference: string, amount: Money): RefundResult {
    const payment = this.#newest(reference)
    return payment === undefined
      ? { kind: 'not_found' }
      : this.#refunds.make(payment, refundReference, amount)
  }

  queryRefund(reference: string, refundReference: string): RefundResult {
    const known = this.#newest(reference)?.refunds.get(refundReference)
    return known === undefined ? { kind: 'not_found' } : { kind: known.state }
  }

  /** Minor units of the payer's that are here, authorized or taken. */
  held(payment: UpstreamPayment): number {
    if (payment.state === 'authorized') return payment.value
    if (payment.state !== 'approved') return 0
    return (payment.manualCapture ? payment.captured : payment.value) - payment.refunded
  }

  heldBy(reference: string): number {
    let sum = 0
    for (const payment of this.payments.get(reference) ?? []) sum += this.held(payment)
    return sum
  }

  /** What it would say about a payment if it were asked. */
  viewOf(payment: UpstreamPayment): UpstreamResult {
    return this.#view(payment)
  }

  /** What a reference that was seen before is answered; undefined when it is charged like a new one. */
  #known(reference: string): UpstreamResult | undefined {
    const { idempotency } = this.type.contract
    const payment = this.#newest(reference)
    if (payment === undefined || idempotency.mode === 'none') return undefined
    if (idempotency.mode === 'reference') return UPSTREAM_ERROR
    if (this.#ports.now() - payment.createdAt > idempotency.retentionHours * 3_600_000) return undefined
    const refused = payment.state === 'declined' || payment.state === 'failed'
    if (refused && !idempotency.replaysErrors) return undefined
    return payment.state === 'failed' ? UPSTREAM_ERROR : this.#view(payment)
  }

  /** An error without effect. Some of those who keep errors say it for ever, where they can be asked instead. */
  #failBefore(request: PayRequest, order: number, dice: Dice): UpstreamResult {
    const { idempotency, queryable } = this.type.contract
    if (idempotency.replaysErrors && queryable && dice.chance(0.3)) {
      this.#keep(request, order).state = 'failed'
    }
    return UPSTREAM_ERROR
  }

  #keep(request: PayRequest, order: number): UpstreamPayment {
    const payment: UpstreamPayment = {
      reference: request.reference,
      order,
      manualCapture: request.capture === 'manual',
      createdAt: this.#ports.now(),
      value: request.amount.value,
      state: 'processing',
      category: 'issuer_declined',
      captured: 0,
      refunded: 0,
      expiresAt: 0,
      flipped: false,
      cleared: false,
      released: false,
      captures: new Set(),
      refunds: new Map(),
    }
    const known = this.payments.get(request.reference)
    if (known === undefined) this.payments.set(request.reference, [payment])
    else known.push(payment)
    return payment
  }

  #decide(request: PayRequest, order: number, dice: Dice): UpstreamPayment {
    const { plan, now, after } = this.#ports
    const payment = this.#keep(request, order)
    if (dice.chance(plan.wrong_amount)) payment.value = Math.max(1, payment.value - 1)
    const approves = dice.chance(APPROVAL_SHARE)
    payment.category = dice.pick(DECLINES)
    if (this.type.redirects && dice.chance(REDIRECT_SHARE)) {
      payment.state = 'requires_action'
      payment.expiresAt = now() + 120_000
      const comesBack = dice.chance(0.8)
      after(comesBack ? dice.between(5_000, 120_000) : 120_000, () => {
        if (payment.state === 'requires_action') this.#settle(payment, comesBack && approves)
      })
    } else if (dice.chance(plan.processing)) {
      after(dice.between(1_000, 900_000), () => {
        if (payment.state === 'processing') this.#settle(payment, approves)
      })
    } else this.#settle(payment, approves)
    if (this.type.notifies === 'surely' && dice.chance(plan.flip)) {
      after(dice.between(1_000, 600_000), () => {
        if (payment.state !== 'declined') return
        payment.flipped = true
        this.#settle(payment, true)
      })
    }
    return payment
  }

  #settle(payment: UpstreamPayment, approves: boolean): void {
    const { onLedger, onFinal, after, diceOf } = this.#ports
    if (!approves) payment.state = 'declined'
    else if (payment.manualCapture) {
      payment.state = 'authorized'
      onLedger('authorized', payment, payment.value)
    } else {
      payment.state = 'approved'
      payment.captured = payment.value
      onLedger('charged', payment, payment.value)
      const dice = diceOf(payment.order)
      if (dice.chance(CLEARED_SHARE)) {
        after(dice.between(0, 60_000), () => {
          payment.cleared = true
        })
      }
    }
    onFinal(payment)
  }

  #newest(reference: string): UpstreamPayment | undefined {
    return this.payments.get(reference)?.at(-1)
  }

  #view(payment: UpstreamPayment): UpstreamResult {
    switch (payment.state) {
      case 'approved':
      case 'authorized':
        return { kind: payment.state, amount: { currency: 'CNY', value: payment.value } }
      case 'requires_action':
        return {
          kind: 'requires_action',
          nextAction: { type: 'redirect', url: 'https://pay.example/', expiresAt: payment.expiresAt },
        }
      case 'processing':
        return { kind: 'processing' }
      case 'declined':
        return declined(payment.category)
      case 'canceled':
        return declined('issuer_declined', 'canceled')
      case 'failed':
        return UPSTREAM_ERROR
    }
  }
}

const UPSTREAM_ERROR: UpstreamResult = { kind: 'unknown', cause: 'upstream_error' }

function declined(category: DeclineCategory, code?: string): UpstreamResult {
  return { kind: 'declined', category, ...(code === undefined ? {} : { code }) }
}
