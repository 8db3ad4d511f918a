import type { Money } from '../../core/payment/money.ts'
import type { RefundResult } from '../../ports/connector.ts'
import type { UpstreamPayment, UpstreamPorts } from './upstream.ts'

export interface UpstreamRefund {
  readonly value: number
  state: 'approved' | 'declined' | 'processing'
  /** Became the other after it had been told. */
  flipped: boolean
}

const DECLINED_SHARE = 0.2
const PROCESSING_SHARE = 0.1

/** The refunds of one upstream. The same refund reference is the same refund. */
export class Refunds {
  readonly #ports: UpstreamPorts
  readonly #flips: boolean

  /** @param flips whether it may take its word back, because then it surely tells of it */
  constructor(ports: UpstreamPorts, flips: boolean) {
    this.#ports = ports
    this.#flips = flips
  }

  /** Believes the caller about what is left: that is for us to keep. */
  make(payment: UpstreamPayment, reference: string, amount: Money): RefundResult {
    const known = payment.refunds.get(reference)
    if (known !== undefined) return { kind: known.state }
    const dice = this.#ports.diceOf(payment.order)
    const refund: UpstreamRefund = { value: amount.value, state: 'declined', flipped: false }
    payment.refunds.set(reference, refund)
    if (payment.state !== 'approved' || payment.captured === 0) return { kind: 'declined', code: 'not_paid' }
    if (dice.chance(DECLINED_SHARE)) {
      this.#ended(payment, reference, refund)
      return { kind: 'declined', code: '05' }
    }
    if (dice.chance(PROCESSING_SHARE)) {
      refund.state = 'processing'
      this.#ports.onRefund(payment, reference, false)
      this.#ports.after(dice.between(500, 120_000), () => this.#give(payment, reference, refund))
    } else this.#give(payment, reference, refund)
    return { kind: refund.state }
  }

  #give(payment: UpstreamPayment, reference: string, refund: UpstreamRefund): void {
    this.#book(payment, reference, refund, 'approved')
    this.#ended(payment, reference, refund)
  }

  #book(
    payment: UpstreamPayment,
    reference: string,
    refund: UpstreamRefund,
    state: 'approved' | 'declined',
  ): void {
    refund.state = state
    payment.refunded += state === 'approved' ? refund.value : -refund.value
    this.#ports.onLedger(state === 'approved' ? 'refunded' : 'kept', payment, refund.value, reference)
  }

  #ended(payment: UpstreamPayment, reference: string, refund: UpstreamRefund): void {
    const { plan, after, onRefund, refundDiceOf } = this.#ports
    onRefund(payment, reference, false)
    const dice = refundDiceOf(payment.order)
    if (!this.#flips || !dice.chance(plan.refund_flip)) return
    after(dice.between(1_000, 600_000), () => {
      if (payment.state !== 'approved') return
      refund.flipped = true
      this.#book(payment, reference, refund, refund.state === 'approved' ? 'declined' : 'approved')
      onRefund(payment, reference, true)
    })
  }
}
