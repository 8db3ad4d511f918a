import type { Attempt, Payment } from '../../src/core/payment/payment.ts'
import type { BeginWrite, PaymentWrite, StoredPayment } from '../../src/ports/journal.ts'

const UPSTREAM: Attempt['contract'] = {
  idempotency: { mode: 'key', retentionHours: 24, replaysErrors: true },
  queryable: true,
  cancel: ['close', 'void'],
  settleWindowMs: 60_000,
  honoursExpiry: true,
  cancelTombstones: false,
}

let serial = 0

/** An id that no other test uses. */
export function fresh(prefix: string): string {
  serial += 1
  return `${prefix}-${serial}`
}

export function sampleAttempt(change: Partial<Attempt> = {}): Attempt {
  return {
    reference: fresh('ref'),
    route: 'card_a',
    tender: 'card',
    amount: { currency: 'CNY', value: 1000 },
    status: 'intent',
    contract: UPSTREAM,
    timeoutMs: 3000,
    openedAt: 1,
    sendableUntil: 2,
    expiresAt: 3,
    keyWindowEndsAt: 4,
    ...change,
  }
}

/** A payment in flight with one INTENT. The text has quotes, line ends and characters of more than one byte. */
export function samplePayment(change: Partial<Payment> & { readonly orderId?: string } = {}): Payment {
  const { orderId = fresh('order'), ...rest } = change
  const payment: Payment = {
    id: fresh('pay'),
    tenant: 'demo',
    context: {
      orderId,
      amount: { currency: 'CNY', value: 1000 },
      channel: 'app',
      payer: { id: 'u-1', locale: 'zh-CN' },
      funding: { accept: [{ tender: 'card' }] },
      metadata: { note: 'café "白条"\n\\ \u{1f600} $1 {} \u0000 \ud800 \u001e' },
    },
    createdAt: 1_000,
    deadlineAt: 2_000,
    configVersion: 'v1',
    attemptsMax: 3,
    attempts: [sampleAttempt()],
    operations: [],
    obligations: [],
    considered: [],
    decision: fresh('dec'),
    reasons: [],
    sequence: 0,
    resolves: 0,
  }
  return { ...payment, ...rest }
}

export function beginWrite(payment: Payment, change: Partial<BeginWrite> = {}): BeginWrite {
  return {
    payment,
    key: { key: fresh('key'), fingerprint: 'f', target: 'payment' },
    leaseMs: 0,
    dueAt: null,
    ...change,
  }
}

/** The payment as a save of `change` over what is stored would write it. */
export function saveWrite(
  stored: StoredPayment,
  change: Partial<Payment> = {},
  write: Partial<PaymentWrite> = {},
): PaymentWrite {
  return { payment: { ...stored.payment, ...change }, version: stored.version, dueAt: null, ...write }
}
