import type { PaymentContext } from '../core/payment/context.ts'
import type { Attempt, CheckoutPin, Payment } from '../core/payment/payment.ts'
import type { Permit } from '../ports/breaker.ts'
import type { KeyBinding } from '../ports/journal.ts'
import type { Runtime, TenantRuntime } from './runtime.ts'

/** The right to act on a payment: the lease that a journal write has granted, and the state as of that write. */
export interface Session {
  readonly runtime: Runtime
  readonly tenant: TenantRuntime
  readonly payment: Payment
  readonly version: number
  readonly epoch: number
  /** Monotonic ms of this process at which the lease is no longer ours for certain. */
  readonly leaseEndsAt: number
  readonly requestId?: string
  readonly traceparent?: string
  /** Set by who cannot send: nothing further is opened, and a payment without money ends. */
  readonly final?: true
}

export type ConflictCode =
  | 'idempotency_key_reused'
  | 'request_in_progress'
  | 'order_in_progress'
  | 'order_already_paid'
  | 'quote_required'
  | 'quote_changed'

/** What `begin` and `record` ask for next: send this attempt, or give this answer. */
export type Step =
  | {
      readonly kind: 'send'
      readonly attempt: Attempt
      readonly permit: Permit
      readonly session: Session
      /** Sent before: what comes of it cannot prove that nothing has left. */
      readonly repeated?: true
    }
  | { readonly kind: 'answer'; readonly payment: Payment; readonly replayed: boolean }
  | {
      readonly kind: 'conflict'
      readonly code: ConflictCode
      readonly payment?: string
      readonly position?: number
    }

export type Sending = Extract<Step, { kind: 'send' }>
export type Answer = Exclude<Step, { kind: 'send' }>

/** A request to pay, with the key that makes it repeatable. */
export interface PayCommand {
  readonly tenant: string
  readonly context: PaymentContext
  readonly key: KeyBinding
  readonly requestId?: string
  readonly traceparent?: string
  readonly shard?: number
  /** Given when an existing checkout pays through the proxy. */
  readonly checkout?: CheckoutPin
}
