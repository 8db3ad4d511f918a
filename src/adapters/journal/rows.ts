import type { Payment } from '../../core/payment/payment.ts'
import {
  isOpenPayment,
  keepsOrder,
  paymentTrail,
  providerReferencesOf,
  referencesOf,
} from '../../core/payment/trail.ts'
import type {
  BeginResult,
  BeginWrite,
  DecisionRow,
  KeyBinding,
  OutboxItem,
  PaymentWrite,
  Reserve,
  SaveResult,
  Settle,
  StoredPayment,
} from '../../ports/journal.ts'
import { assertReserve, assertSettles } from './rules.ts'

/** A write of a payment as databases take it: everything they look at in fields, the payment itself as text. */
export interface PaymentRow {
  readonly tenant: string
  readonly id: string
  readonly orderId: string
  readonly createdAt: number
  readonly keepsOrder: 0 | 1
  readonly isOpen: 0 | 1
  readonly doc: string
  readonly trail: string
  /** Every reference that the payment ever had. */
  readonly references: readonly string[]
  /** Those by which upstreams call its attempts now. */
  readonly providerReferences: readonly string[]
  readonly dueAt: number | null
  readonly decision: DecisionRow | undefined
  readonly reserve: Reserve | undefined
  readonly settle: readonly Settle[]
  readonly outbox: readonly OutboxItem[]
}

export interface BeginRow extends PaymentRow {
  readonly key: KeyBinding
  readonly leaseMs: number
}

export interface SaveRow extends PaymentRow {
  readonly version: number
  readonly epoch: number | undefined
  readonly leaseMs: number | undefined
  readonly key: KeyBinding | undefined
  readonly inbox: { readonly route: string; readonly eventId: string } | undefined
}

/** A payment as databases give it back. */
export interface StoredRow {
  readonly doc: string
  readonly version: number
  readonly epoch: number
}

/** Results whose payments are still text. */
export type Undecoded<Result> = Result extends { readonly stored: StoredPayment }
  ? Omit<Result, 'stored'> & { readonly stored: StoredRow }
  : Result

export function beginRow(write: BeginWrite): BeginRow {
  return { ...paymentRow(write), key: write.key, leaseMs: write.leaseMs }
}

export function saveRow(write: PaymentWrite): SaveRow {
  const { version, epoch, leaseMs, key, inbox } = write
  return { ...paymentRow(write), version, epoch, leaseMs, key, inbox }
}

function paymentRow(write: BeginWrite | PaymentWrite): PaymentRow {
  const { payment, dueAt, decision, reserve, settle = [], outbox = [] } = write
  assertReserve(reserve)
  assertSettles(settle)
  return {
    tenant: payment.tenant,
    id: payment.id,
    orderId: payment.context.orderId,
    createdAt: payment.createdAt,
    keepsOrder: keepsOrder(payment) ? 1 : 0,
    isOpen: dueAt !== null || isOpenPayment(payment) ? 1 : 0,
    doc: JSON.stringify(payment),
    trail: paymentTrail(payment),
    references: referencesOf(payment),
    providerReferences: providerReferencesOf(payment),
    dueAt,
    decision,
    reserve,
    settle,
    outbox,
  }
}

export function storedPayment({ doc, version, epoch }: StoredRow): StoredPayment {
  return { payment: JSON.parse(doc) as Payment, version, epoch }
}

export function decodeResult(result: Undecoded<BeginResult>): BeginResult
export function decodeResult(result: Undecoded<SaveResult>): SaveResult
export function decodeResult(result: Undecoded<BeginResult | SaveResult>): BeginResult | SaveResult {
  return 'stored' in result ? { ...result, stored: storedPayment(result.stored) } : result
}
