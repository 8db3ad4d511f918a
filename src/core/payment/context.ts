import type { Money } from './money.ts'

/** The means of payment that a shopper chooses and consents to. */
export const TENDERS = ['credit', 'card', 'wallet', 'balance', 'flash_pay'] as const
export type Tender = (typeof TENDERS)[number]

/** Where the payment is made. */
export const CHANNELS = ['app', 'web', 'h5', 'mini_program', 'qr_merchant', 'qr_customer', 'nfc'] as const
export type Channel = (typeof CHANNELS)[number]

/** One tender that the payer has consented to; for credit, to which term and to which quote. */
export interface AcceptedTender {
  readonly tender: Tender
  readonly instalments?: number
  readonly quote?: string
  /** The one route that the quote was made for; set by the gateway, never by a client. */
  readonly route?: string
}

/** A stored instrument of a tender: a token, never a card number. */
export interface Instrument {
  readonly token: string
  readonly bin?: string
  readonly issuer?: string
}

export interface OrderItem {
  readonly id: string
  readonly category: string
  readonly amount: Money
}

/**
 * What the checkout tells about one payment: the body of quotes, decisions and payments.
 * `funding.accept` is the payer's consent, in the payer's order.
 */
export interface PaymentContext {
  readonly orderId: string
  readonly amount: Money
  readonly channel: Channel
  readonly payer: { readonly id: string; readonly locale?: string }
  readonly merchant?: { readonly id: string; readonly mcc?: string }
  readonly items?: readonly OrderItem[]
  readonly funding: {
    readonly accept: readonly AcceptedTender[]
    readonly preference?: 'payer_order' | 'best_value'
    readonly instruments?: Readonly<Partial<Record<Tender, Instrument>>>
    /** The only routes that may be used, where a checkout is bound to some; set by the gateway, never by a client. */
    readonly routes?: readonly string[]
  }
  readonly capture?: 'automatic' | 'manual'
  readonly returnUrl?: string
  readonly metadata?: Readonly<Record<string, string>>
  /** Contribution margin on this order in basis points; overrides the policy's default. */
  readonly marginBps?: number
}
