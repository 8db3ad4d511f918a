import type { Behaviour } from './magic.ts'
import type { Money, PayRequest, Reply } from './protocol.ts'

export interface Refund {
  readonly refundReference: string
  readonly amount: Money
  status: 'approved' | 'declined' | 'processing'
  declineCode?: string
}

/** One reference as the upstream keeps it. */
export interface Payment {
  readonly reference: string
  readonly providerReference: string
  readonly orderId: string
  readonly payer: string
  readonly amount: Money
  readonly capture: PayRequest['capture']
  readonly behaviour: Behaviour | undefined
  readonly returnUrl: string | undefined
  /** Unix ms. */
  readonly createdAt: number
  /** The request as it came, to know a resend by; undefined for a payment read back from the ledger. */
  readonly request: string | undefined
  state: 'processing' | 'requires_action' | 'authorized' | 'approved' | 'declined' | 'canceled'
  declineCode?: string
  declineCategory?: string
  nextAction?: { type: 'redirect'; url: string; expiresAt: number }
  /** Minor units. */
  captured: number
  refunds: Map<string, Refund> | undefined
  /** The last capture was made: what it left was released. */
  ended?: true
  /** Captures that were made under a reference of their own. */
  captures?: Set<string>
  /** What the first request was answered, or would have been; replayed to the same key. */
  firstReply: Reply | undefined
}

/** Minor units that are authorized and not captured. */
export function heldOnlyOf({ state, capture, ended, amount, captured }: Payment): number {
  const held = state === 'authorized' || (state === 'approved' && capture === 'manual' && ended !== true)
  return held ? amount.value - captured : 0
}

export function newPayment(
  request: PayRequest,
  raw: string,
  behaviour: Behaviour | undefined,
  providerReference: string,
): Payment {
  const { reference, orderId, payer, amount, capture, returnUrl } = request
  return {
    reference,
    providerReference,
    orderId,
    payer,
    amount,
    capture,
    behaviour,
    returnUrl,
    createdAt: Date.now(),
    request: raw,
    state: 'processing',
    captured: 0,
    refunds: undefined,
    firstReply: undefined,
  }
}

/** Minor units given back or about to be. */
export function refundedOf(payment: Payment): number {
  let sum = 0
  for (const refund of payment.refunds?.values() ?? []) {
    if (refund.status !== 'declined') sum += refund.amount.value
  }
  return sum
}

/**
 * What a query tells. The protocol has no word for a payment that was cancelled; `declined` with code `canceled`
 * says the part that counts, that no money is held.
 */
export function viewOf(payment: Payment): Record<string, unknown> {
  const { reference, providerReference, amount, state, captured } = payment
  const base = { reference, providerReference, amount }
  switch (state) {
    case 'canceled':
      return { status: 'declined', ...base, declineCode: 'canceled' }
    case 'declined':
      return {
        status: state,
        ...base,
        declineCode: payment.declineCode,
        declineCategory: payment.declineCategory,
      }
    case 'requires_action':
      return { status: state, ...base, nextAction: payment.nextAction }
    case 'authorized':
    case 'processing':
      return { status: state, ...base }
    case 'approved': {
      // Only when they say something new, so that an ordinary answer stays small.
      const partial = captured === amount.value ? {} : { capturedAmount: { ...amount, value: captured } }
      const refunded = refundedOf(payment)
      const back = refunded === 0 ? {} : { refundedAmount: { ...amount, value: refunded } }
      return { status: state, ...base, ...partial, ...back }
    }
  }
}
