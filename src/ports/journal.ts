import type { Payment } from '../core/payment/payment.ts'

/** A payment with the counters that guard its writes. */
export interface StoredPayment {
  readonly payment: Payment
  /** Grows by one with every write; a write names the version it was made from. */
  readonly version: number
  /** Fencing token of the lease. A write that opens or sends anything names the epoch it was granted. */
  readonly epoch: number
}

/** Binds an idempotency key to what it caused, in the write that causes it. */
export interface KeyBinding {
  readonly key: string
  /** Hash of the request; the same key with another fingerprint never executes. */
  readonly fingerprint: string
  /** `payment`, or the id of the capture, void, refund or switch. */
  readonly target: string
}

/** The payer's credit that an attempt uses: refused when open holds and newer approvals leave too little. */
export interface CreditHold {
  readonly lender: string
  readonly payer: string
  readonly value: number
  /** What the provider's facts say is available, and since when. Approvals up to `asOf` are already in it. */
  readonly available: number
  readonly asOf: number
}

/**
 * Shares of a pool's sources, all or none: refused when one source has too little left. A joint loan has two
 * legs, every other loan one.
 */
export interface FundReservation {
  readonly pool: string
  readonly legs: readonly { readonly source: string; readonly value: number }[]
}

/** What an INTENT takes in its own write, all or nothing, keyed by the attempt's reference. */
export interface Reserve {
  readonly reference: string
  readonly hold?: CreditHold
  readonly funds?: FundReservation
}

/**
 * How the reservations of an attempt stand after a write. Repeating an outcome changes nothing. A release after a
 * commit gives money back (a reversal); a commit after a release counts a late approval even above a cap, because
 * the money has moved. An unknown reference is ignored.
 */
export interface Settle {
  readonly reference: string
  readonly outcome: 'commit' | 'release'
  /**
   * With `commit`: only so much of what was reserved is taken, and the rest is given back for good; of several legs in
   * proportion, to the minor unit. Absent: all that is still reserved.
   */
  readonly value?: number
}

/** One event to one endpoint, committed with the change that it tells of. */
export interface OutboxItem {
  readonly id: string
  readonly tenant: string
  readonly endpoint: string
  readonly type: string
  /** The JSON text that is signed and sent. */
  readonly body: string
  readonly dueAt: number
}

export interface OutboxClaim extends OutboxItem {
  /** How often it was claimed before. */
  readonly tries: number
}

/** A decision as it is kept: searchable by id, order and time; `body` is the complete record as JSON. */
export interface DecisionRow {
  readonly id: string
  readonly tenant: string
  readonly orderId: string
  readonly at: number
  readonly body: string
}

/** The result of one attempt of a decision that was executed elsewhere. `attempt` makes it exactly-once. */
export interface OutcomeRow {
  readonly decision: string
  readonly attempt: string
  readonly at: number
  readonly body: string
}

/** One line of a payment's history: what a write left of everything that speaks of money. Never changed. */
export interface HistoryRow {
  readonly version: number
  readonly epoch: number
  /** Unix ms on the journal's clock. */
  readonly at: number
  /** JSON text of `paymentTrail`, or `{"claimed":true}` where a lease was taken over. */
  readonly body: string
  /** SHA-256, hex, of the hash before ('' at first), version, epoch, at and body, joined by line feeds. */
  readonly hash: string
}

interface WriteExtras {
  readonly decision?: DecisionRow
  readonly reserve?: Reserve
  /** Applied before `reserve`, so that what one attempt gives back the next may take. */
  readonly settle?: readonly Settle[]
  readonly outbox?: readonly OutboxItem[]
  /** When the resolver should look at it next, Unix ms; null when nothing is left to drive. */
  readonly dueAt: number | null
}

export interface BeginWrite extends WriteExtras {
  readonly payment: Payment
  readonly key: KeyBinding
  /** The lease taken for the caller, counted on the journal's clock. 0 when nothing will be sent. */
  readonly leaseMs: number
}

export type BeginResult =
  | { readonly kind: 'begun'; readonly epoch: number; readonly version: number }
  /** The key is known: `stored` is what it caused, whatever its fingerprint. */
  | { readonly kind: 'key_exists'; readonly key: KeyBinding; readonly stored: StoredPayment }
  /** Another payment of this order is live or has succeeded. */
  | { readonly kind: 'order_exists'; readonly stored: StoredPayment }
  | { readonly kind: 'refused'; readonly reason: 'credit_held' | 'funds_exhausted' }

export interface PaymentWrite extends WriteExtras {
  readonly payment: Payment
  /** Version that the change was made from. */
  readonly version: number
  /** Epoch under which the caller acts; absent for writes that only add evidence. */
  readonly epoch?: number
  /** Renews the caller's lease; 0 gives it up; absent leaves it as it is. */
  readonly leaseMs?: number
  readonly key?: KeyBinding
  /** Notification that this write consumes, so that it is consumed once. */
  readonly inbox?: { readonly route: string; readonly eventId: string }
}

export type SaveResult =
  | { readonly kind: 'saved'; readonly version: number }
  /** Somebody else wrote first, or the epoch has passed on: `stored` is what stands now. */
  | { readonly kind: 'conflict'; readonly stored: StoredPayment }
  | { readonly kind: 'key_exists'; readonly key: KeyBinding; readonly stored: StoredPayment }
  | { readonly kind: 'duplicate_event' }
  | { readonly kind: 'refused'; readonly reason: 'credit_held' | 'funds_exhausted' }

/** A small document of the gateway's own: quotes, policy versions, snapshots, limits, operators' notes. */
export interface RecordRow {
  readonly collection: string
  readonly key: string
  readonly version: number
  readonly at: number
  readonly body: string
}

export interface FundSource {
  readonly pool: string
  readonly source: string
  readonly cap: number
  readonly reserved: number
  readonly used: number
}

export interface FundMovement {
  /** Makes it exactly-once. */
  readonly id: string
  readonly pool: string
  readonly source: string
  readonly kind: 'repayment' | 'drawdown' | 'cap_change'
  /** Minor units; for `cap_change` the new cap. */
  readonly value: number
  readonly at: number
}

/**
 * The truth. Every method is atomic and durable when it resolves; it rejects with `JournalUnavailable` when it
 * cannot say, and then the caller must treat the write as perhaps applied and read it back by id.
 *
 * Coarse on purpose: one round trip to open an attempt, one to record it.
 */
export interface Journal {
  /**
   * Inserts or gets: key, order, payment with its first INTENT, decision and reservation in one transaction.
   * Safe to repeat with the same key. One payment per (tenant, key) for ever; at most one payment per
   * (tenant, order) that is live or has taken money. Judged in the order key, order, reservation; whatever is
   * not `begun` has written nothing. The first version and epoch are 1.
   */
  begin(write: BeginWrite): Promise<BeginResult>

  /**
   * Replaces a payment if it still is what the caller saw (`version`, and `epoch` when given). A payment that
   * ends without money - declined, unsent or canceled - frees its order. Reservation, settlement, key, inbox and
   * outbox commit with it or not at all. Judged in the order inbox, key, version and epoch, reservation. A
   * payment that was never begun is misuse and rejects with `TypeError`.
   */
  save(write: PaymentWrite): Promise<SaveResult>

  find(tenant: string, id: string): Promise<StoredPayment | undefined>
  /** By the reference of an attempt, a capture or a refund, of any tenant: for notifications, whose sender is verified. */
  findByReference(reference: string): Promise<StoredPayment | undefined>
  /** By the name that an upstream has given to one of its attempts, of any tenant; newest first. Not unique. */
  findByProviderReference(providerReference: string, limit: number): Promise<StoredPayment[]>
  findByKey(tenant: string, key: string): Promise<{ key: KeyBinding; stored: StoredPayment } | undefined>
  /** By creation, newest first. */
  findByOrder(tenant: string, orderId: string, limit: number): Promise<StoredPayment[]>
  /**
   * For operators, oldest due first: payments with something left to drive or for a person to settle. Those that
   * are due for nobody come last.
   */
  listOpen(tenant: string | undefined, limit: number): Promise<StoredPayment[]>

  /**
   * Takes over payments that are due and whose lease has run out, with an allowance for clocks that differ: epoch
   * and version grow in the same write. Concurrent claims never return the same payment. Longest due first.
   */
  claimDue(limit: number, leaseMs: number): Promise<StoredPayment[]>
  /**
   * Takes over one payment, due or not, for a caller that has to act on it now. Undefined when there is none or
   * somebody's lease still runs.
   */
  claim(tenant: string, id: string, leaseMs: number): Promise<StoredPayment | undefined>
  /** Every write of a payment, oldest first. Each line's hash covers the line before. */
  history(tenant: string, id: string): Promise<HistoryRow[]>

  /** Rows whose id is known are passed over. */
  appendDecisions(rows: readonly DecisionRow[]): Promise<void>
  findDecision(tenant: string, id: string): Promise<DecisionRow | undefined>
  /** `fromAt` inclusive, `toAt` exclusive; newest first. */
  listDecisions(tenant: string, fromAt: number, toAt: number, limit: number): Promise<DecisionRow[]>
  /** False when this attempt of the decision was already reported. */
  appendOutcome(tenant: string, row: OutcomeRow): Promise<boolean>
  /** Oldest first. */
  listOutcomes(tenant: string, decision: string, limit: number): Promise<OutcomeRow[]>

  /** Outbox items due now, longest due first, hidden from other claimers for `leaseMs`. */
  claimOutbox(limit: number, leaseMs: number): Promise<OutboxClaim[]>
  /** Ends a delivery: `dueAt` null when delivered or given up, which removes the item; else it is tried then. */
  settleOutbox(id: string, endpoint: string, dueAt: number | null): Promise<void>
  /** Items whose (id, endpoint) is waiting already are passed over. */
  putOutbox(items: readonly OutboxItem[]): Promise<void>

  /** Declares a source or changes its cap. Usage is kept. */
  declareFunds(pool: string, source: string, cap: number): Promise<void>
  /** By pool and source. */
  listFunds(): Promise<FundSource[]>
  /**
   * `refused`: the source is not declared, a repayment is more than what is used, or a drawdown finds too little
   * left. A cap may be set below what is out: then nothing more is reserved.
   */
  moveFunds(movement: FundMovement): Promise<'applied' | 'duplicate' | 'refused'>

  /** `expectedVersion` 0 creates; otherwise replaces that version. False when it is not the one that stands. */
  putRecord(row: Omit<RecordRow, 'version'>, expectedVersion: number): Promise<boolean>
  getRecord(collection: string, key: string): Promise<RecordRow | undefined>
  /** Those whose key starts with `prefix`, by key, ascending. */
  listRecords(collection: string, prefix: string, limit: number): Promise<RecordRow[]>

  /** Resolves when a write and a read work; names settings that would lose acknowledged writes. */
  check(): Promise<{ readonly warnings: readonly string[] }>
  close(): Promise<void>
}

/** The journal cannot say whether a write was applied, or cannot be reached. */
export class JournalUnavailable extends Error {
  override readonly name = 'JournalUnavailable'
}
