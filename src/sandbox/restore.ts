import type { LedgerRecord } from './ledger.ts'
import type { Payment } from './payment.ts'
import type { SandboxRoute } from './protocol.ts'

/**
 * The payments that a ledger tells of, so that an upstream killed and started again on the same file answers for what
 * it charged. Payments without money in the ledger (declined, still processing) are forgotten, and uncharged.
 */
export function restored(
  route: SandboxRoute,
  records: readonly LedgerRecord[],
): Map<string, Payment | 'tombstone'> {
  const payments = new Map<string, Payment | 'tombstone'>()
  for (const record of records) {
    if (record.route !== route) continue
    if (record.kind === 'tombstoned') payments.set(record.reference, 'tombstone')
    else if (record.kind === 'charged' || record.kind === 'authorized') {
      payments.set(record.reference, openedBy(record))
    } else {
      const payment = payments.get(record.reference)
      if (payment !== undefined && payment !== 'tombstone') apply(record, payment)
    }
  }
  return payments
}

function openedBy(record: LedgerRecord): Payment {
  const charged = record.kind === 'charged'
  return {
    reference: record.reference,
    providerReference: `sbx_restored_${record.seq}`,
    orderId: record.orderId,
    payer: record.payer,
    amount: { currency: record.currency, value: record.value },
    capture: charged ? 'automatic' : 'manual',
    behaviour: undefined,
    returnUrl: undefined,
    createdAt: record.at,
    request: undefined,
    state: charged ? 'approved' : 'authorized',
    captured: charged ? record.value : 0,
    refunds: undefined,
    firstReply: undefined,
  }
}

function apply(record: LedgerRecord, payment: Payment): void {
  switch (record.kind) {
    case 'captured':
      payment.state = 'approved'
      payment.captured += record.value
      if (record.captureReference !== undefined) {
        payment.captures ??= new Set()
        payment.captures.add(record.captureReference)
      }
      return
    case 'released':
      // After a void nothing is captured any more; after the last capture something is.
      if (payment.captured > 0) {
        payment.ended = true
        return
      }
      payment.state = 'canceled'
      return
    case 'voided':
      payment.state = 'canceled'
      payment.captured = 0
      return
    case 'refunded': {
      const { refundReference = '', currency, value } = record
      payment.refunds ??= new Map()
      payment.refunds.set(refundReference, {
        refundReference,
        amount: { currency, value },
        status: 'approved',
      })
      return
    }
    case 'charged':
    case 'authorized':
    case 'tombstoned':
      return
  }
}
