import type { AcceptedTender, PaymentContext, Tender } from './context.ts'
import type { DeclineCategory } from './decline.ts'
import type { Intervention } from './intervention.ts'
import type { Money } from './money.ts'
import type { NextAction } from './outcome.ts'
import type { CancelVerb, UpstreamContract } from './route.ts'

/**
 * Where one attempt stands. `intent` is durable before the first byte leaves, so after a crash it means "maybe
 * sent". `reversing` took money that has to go back, `reversed` gave it back.
 */
export type AttemptStatus =
  | 'intent'
  | 'unknown'
  | 'processing'
  | 'requires_action'
  | 'approved'
  | 'authorized'
  | 'declined'
  | 'not_sent'
  | 'voided'
  | 'absent'
  | 'reversing'
  | 'reversed'

/** One try on one route under one upstream reference. */
export interface Attempt {
  /** 32 lowercase hex digits; the upstream's idempotency key. Never used for another route, amount or body. */
  readonly reference: string
  readonly route: string
  readonly tender: Tender
  readonly amount: Money
  readonly instalments?: number
  readonly quote?: string
  readonly status: AttemptStatus
  /** What the upstream promised when the attempt was opened. */
  readonly contract: UpstreamContract
  readonly timeoutMs: number
  /** Unix ms of the INTENT. */
  readonly openedAt: number
  /** Unix ms after which no send of this attempt may start; moved forward durably before each resend. */
  readonly sendableUntil: number
  /** Unix ms given to the upstream: it should refuse the request when it arrives later. */
  readonly expiresAt: number
  /** Unix ms after which the reference must not be sent again, because the upstream may have forgotten it. */
  readonly keyWindowEndsAt: number
  readonly providerReference?: string
  readonly declineCategory?: DeclineCategory
  readonly declineCode?: string
  readonly latencyMs?: number
  readonly nextAction?: NextAction
  /** Set, durably, before a cancel is sent: from then on the attempt must not be sent or redirected to again. */
  readonly canceling?: CancelVerb
  /** The upstream refused to cancel because the attempt is paid. */
  readonly cancelRefused?: boolean
  /** An approval was seen while a void or reversal was under way: which of the two stands is still open. */
  readonly approvalSeen?: boolean
  /**
   * Unix ms at which an approval was notified that could not be confirmed by asking. Until the upstream has been asked
   * again the attempt may hold money, however certain its refusal was.
   */
  readonly approvalClaimed?: number
  /** Funding reserved for this attempt. */
  readonly reservation?: Reservation
}

/** What was reserved in the INTENT's own write: a share of a funding pool, and the payer's credit. */
export interface Reservation {
  readonly pool?: string
  readonly hold?: boolean
}

/** Money that must go back: an approval that the payment does not want. Driven until it is done. */
export interface Obligation {
  readonly reference: string
  readonly cause: 'late_approval' | 'surplus_approval'
  readonly status: 'pending' | 'done' | 'manual'
  readonly openedAt: number
  /** How many refunds the upstream has refused for certain; each was tried under a reference of its own. */
  readonly refusals?: number
  /** Unix ms at which its end was notified after it was left to a person; it is tried again from there. */
  readonly claimedAt?: number
}

export type OperationKind = 'capture' | 'void' | 'refund'
export type OperationStatus = 'intent' | 'unknown' | 'processing' | 'succeeded' | 'failed' | 'manual'

/** A capture, void or refund of the winning attempt. Its amount stays reserved until it has failed for certain. */
export interface Operation {
  readonly id: string
  readonly kind: OperationKind
  /** The upstream's reference of a refund or capture; unused by voids. */
  readonly reference: string
  readonly amount: Money
  readonly status: OperationStatus
  readonly openedAt: number
  readonly sendableUntil: number
  /** Of a capture: the last one, which releases what is left of the authorization. */
  readonly final?: boolean
  readonly declineCode?: string
  /** Unix ms at which an end was notified that could not be confirmed after it was left to a person. */
  readonly claimedAt?: number
}

/** How the payment ended. Set once, never changed: what the client was told stands for ever. */
export type PaymentResult = 'succeeded' | 'authorized' | 'declined' | 'unsent' | 'canceled'

/** What a client sees of an attempt. */
export interface AttemptView {
  readonly route: string
  readonly reference: string
  readonly status: string
  readonly declineCategory?: DeclineCategory
  readonly latencyMs?: number
}

/**
 * Set on a payment that an existing checkout makes through the proxy, in a protocol that only the checkout and the
 * upstream speak: the gateway can neither ask about it, send it again nor give it back by itself.
 */
export interface CheckoutPin {
  /** Id of the checkout. */
  readonly id: string
  /** Method and path of the request that pays; other requests about the order are follow-ups. */
  readonly request: string
  /** Hash of the request with its body: an order never pays with two different ones. */
  readonly fingerprint: string
}

/**
 * One shopper purpose to pay one amount: the aggregate that every journal write replaces as a whole.
 * Identity, amount and context never change after creation; a switch of the tender stands beside them.
 */
export interface Payment {
  readonly id: string
  readonly tenant: string
  readonly context: PaymentContext
  readonly checkout?: CheckoutPin
  readonly createdAt: number
  /** Unix ms after which no further attempt may be opened. */
  readonly deadlineAt: number
  readonly configVersion: string
  readonly attemptsMax: number
  readonly attempts: readonly Attempt[]
  readonly operations: readonly Operation[]
  readonly obligations: readonly Obligation[]
  readonly result?: PaymentResult
  /** Reference of the attempt whose approval the payment keeps. */
  readonly winner?: string
  /** Why an operator has to look; evidence can still end it. */
  readonly manual?: string
  /** The newest resolution that people have proposed or decided; the history keeps all of them. */
  readonly intervention?: Intervention
  /** A cancellation was asked for: no further attempt is opened, open ones are closed. */
  readonly cancelRequested?: boolean
  /** The tender that the payer switched to; while the open attempt is being closed it has not begun. */
  readonly switchTo?: AcceptedTender
  /** The tender that the payer has switched to last and that has begun; it replaces `context.funding.accept`. */
  readonly switched?: AcceptedTender
  /** Newest decision about this payment. */
  readonly decision: string
  /** Reason codes of the end or of the wait, most important first. */
  readonly reasons: readonly string[]
  /** What stood against each route when the payment was decided; a route that could be used has no reasons. */
  readonly considered: readonly { readonly route: string; readonly reasons: readonly string[] }[]
  /** Tenders that would have worked instead, best first, when the payment ended without money. */
  readonly alternatives?: readonly { readonly tender: Tender; readonly route: string }[]
  /** Attempts as they were told with the result, so that a replayed answer never differs. */
  readonly answered?: readonly AttemptView[]
  /** Number of events told so far; gives webhooks their gapless sequence. */
  readonly sequence: number
  /** How many times the resolver has worked on it; paces its backoff. */
  readonly resolves: number
}

/** The status that clients see. */
export type PublicStatus =
  | 'succeeded'
  | 'authorized'
  | 'pending'
  | 'declined'
  | 'requires_action'
  | 'canceled'
