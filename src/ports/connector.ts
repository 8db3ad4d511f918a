import type { Instrument } from '../core/payment/context.ts'
import type { Money } from '../core/payment/money.ts'
import type { Evidence, UpstreamResult } from '../core/payment/outcome.ts'
import type { CancelVerb } from '../core/payment/route.ts'

/** What is sent to an upstream to make it pay. A resend of one reference must be byte-identical. */
export interface PayRequest {
  readonly reference: string
  readonly orderId: string
  readonly amount: Money
  readonly capture: 'automatic' | 'manual'
  readonly payer: string
  readonly instrument?: Instrument
  readonly instalments?: number
  /** Unix ms. */
  readonly expiresAt: number
  readonly returnUrl?: string
  readonly metadata?: Readonly<Record<string, string>>
}

export type RefundResult =
  | { readonly kind: 'approved' | 'processing' | 'not_found' }
  | { readonly kind: 'declined'; readonly code?: string }
  | { readonly kind: 'unknown' | 'not_sent'; readonly cause: string }

export interface SendOptions {
  /** The connector settles its promise by then, with `unknown` if it must. */
  readonly timeoutMs: number
  readonly traceparent?: string
  /** Told to the upstream, so that its logs and ours can be put side by side. */
  readonly requestId?: string
  /** Called when the answer comes after the promise has settled. A late answer must never be lost. */
  readonly onLate?: (result: UpstreamResult) => void
}

export interface CaptureOptions extends SendOptions {
  /** It is the last one: what it leaves of the authorization is to be released. */
  readonly final?: boolean
}

/**
 * Speaks one upstream's protocol. No method rejects: whatever goes wrong is a result, `not_sent` only on proof
 * that not one byte of the request left, otherwise `unknown`. Amount and reference of every answer are checked
 * against the request; one that does not match is `unknown` with cause `mismatch`.
 */
export interface Connector {
  /** Money. Not safe to repeat unless the route's contract says so. */
  pay(request: PayRequest, options: SendOptions): Promise<UpstreamResult>
  /** Free of side effects. `not_found` proves nothing by itself. */
  query(reference: string, amount: Money, options: SendOptions): Promise<UpstreamResult>
  /** Safe to repeat with the same reference. Answers `canceled`, `already_paid`, `not_found` or `unknown`. */
  cancel(reference: string, verb: CancelVerb, options: SendOptions): Promise<UpstreamResult>
  /** Captures part or all of an authorization. Safe to repeat with the same capture reference only. */
  capture(
    reference: string,
    captureReference: string,
    amount: Money,
    options: CaptureOptions,
  ): Promise<RefundResult>
  /** Money. Safe to repeat with the same refund reference only. */
  refund(
    reference: string,
    refundReference: string,
    amount: Money,
    options: SendOptions,
  ): Promise<RefundResult>
  /** Free of side effects. */
  queryRefund(
    reference: string,
    refundReference: string,
    amount: Money,
    options: SendOptions,
  ): Promise<RefundResult>
  /** Cheap, harmless, for `check --online` and `doctor`. */
  ping(options: SendOptions): Promise<{ readonly ok: boolean; readonly detail: string }>
}

/** A verified notification, reduced to what it claims. */
export interface NotificationClaim {
  readonly eventId: string
  /** About a payment, or about a refund or capture, by its own reference. */
  readonly evidence: Evidence
  /** Reference of the payment that the refund or capture belongs to, where the notification names both. */
  readonly payment?: string
}

/** `refused` must change nothing; `ignored` is genuine, but tells nothing that we can use. */
export type NotificationReading =
  | { readonly kind: 'claim'; readonly claim: NotificationClaim }
  /** The lender's facts about a payer have changed. */
  | { readonly kind: 'payer_changed'; readonly payer: string; readonly currency: string }
  | { readonly kind: 'refused'; readonly reason: 'unsigned' | 'timestamp' | 'signature' }
  | { readonly kind: 'ignored' }

/** Verifies and reads what one upstream tells by itself. */
export interface NotificationReader {
  /**
   * Never rejects. Does not remember events: repetitions and replays are caught by the inbox.
   * @param headers lower-case names
   * @param body the raw bytes that were signed
   * @param now Unix ms
   */
  read(
    headers: Readonly<Record<string, string | undefined>>,
    body: Uint8Array,
    now: number,
  ): Promise<NotificationReading>
}
