import type { Mutant } from './mutants.ts'

const NOTIFY_OPERATION = 'gateway/notify-operation.ts'

/** Rules about refunds, captures and money that is given back. */
export const OPERATION_MUTANTS: readonly Mutant[] = [
  {
    name: 'believes of a refund what nobody confirmed',
    edits: [
      {
        file: NOTIFY_OPERATION,
        find: 'if (!contract.queryable || isNoNews(operation, told)) return told',
        replace: 'if (contract.cancel.length >= 0) return told',
      },
    ],
    hunt: { type: 'queryable', seeds: 40, faults: { refund_told: 1, forgery: 1, response_lost: 0.3 } },
  },
  {
    name: 'takes a contradiction about a refund in silence',
    edits: [
      {
        file: NOTIFY_OPERATION,
        find: "return (status === 'failed' && kind === 'approved') || (status === 'succeeded' && kind === 'declined')",
        replace: "return status === 'intent' && kind === 'not_found'",
      },
    ],
    hunt: { type: 'queryable', seeds: 10, faults: { refund_flip: 0.5 } },
  },
  {
    name: 'takes a contradiction about money given back in silence',
    edits: [
      {
        file: NOTIFY_OPERATION,
        find: "return kind === 'declined' && isNewest && owed.status === 'done'",
        replace: 'return false',
      },
    ],
    hunt: { type: 'queryable', seeds: 40, faults: { flip: 1, refund_flip: 0.5 } },
  },
  {
    name: 'gives back under a new reference each time',
    edits: [
      {
        file: 'gateway/give-back.ts',
        find: 'const refund = giveBackReference(reference, owed.refusals)',
        replace: 'const refund = giveBackReference(reference, session.payment.resolves)',
      },
    ],
    hunt: { type: 'queryable', seeds: 40, faults: { flip: 1, response_lost: 0.5 } },
  },
  {
    name: 'captures after the last capture',
    edits: [
      {
        file: 'core/payment/operation.ts',
        find: "if (reservedBy(payment, 'void') > 0 || endedByCapture(payment)) return 'state_conflict'",
        replace: "if (reservedBy(payment, 'void') > 0) return 'state_conflict'",
      },
    ],
    hunt: { type: 'idempotent', seeds: 40, faults: { last_capture: 1 } },
  },
  {
    name: 'keeps the funds that the last capture leaves',
    edits: [
      {
        file: 'gateway/commit.ts',
        find: '...(kept === undefined ? {} : { value: kept })',
        replace: '',
      },
    ],
    hunt: { type: 'idempotent', seeds: 10, faults: { last_capture: 1 } },
  },
]
