import type { FaultPlan } from '../../src/simulation/faults/fault-plan.ts'
import type { Edit } from './mutated.ts'
import { OPERATION_MUTANTS } from './operation-mutants.ts'

/** Worlds in which a mutant has to show itself. */
export interface Hunt {
  readonly type: string
  readonly seeds: number
  readonly orders?: number
  /** Directed: exactly these faults. Absent: whatever each seed draws. */
  readonly faults?: Partial<FaultPlan>
  readonly healAtMs?: number
  readonly leaseMs?: number
}

/** The gateway with one rule taken out. Some worlds must break a promise under it, or nothing watches that rule. */
export interface Mutant {
  readonly name: string
  readonly edits: readonly Edit[]
  readonly hunt: Hunt
}

const BEGIN = 'gateway/begin.ts'
const RECORD = 'gateway/record.ts'
const TRANSITION = 'core/payment/transition.ts'

const NO_FENCE: readonly Edit[] = [
  { file: RECORD, find: 'owner &&= result.stored.epoch === session.epoch', replace: '' },
  {
    file: 'adapters/memory/journal.ts',
    find: ' || (epoch !== undefined && stored.epoch !== epoch)',
    replace: '',
  },
]

const NO_LEASE_CHECK: Edit = {
  file: 'gateway/send.ts',
  find: 'return leaseCovers(clock, session, attempt.timeoutMs) && clock.now() <= attempt.sendableUntil',
  replace: 'return true',
}

/** Processes stand still for up to minutes while they wait for an upstream, and others take over. */
const STANDING: Hunt = {
  type: 'queryable',
  seeds: 200,
  orders: 40,
  faults: { pause_waiting: 0.3, response_lost: 0.5 },
  leaseMs: 10_000,
}

/** Answers come late or not at all, so that attempts are undone whose approval is still under way. */
const UNDOING: Hunt = {
  type: 'reversible',
  seeds: 40,
  orders: 40,
  faults: { response_lost: 0.4, response_late: 0.4, request_late: 0.3, journal_refuses: 0.1 },
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'fails over after an unknown',
    edits: [
      {
        file: TRANSITION,
        find: "return status === 'intent' ? withResult(attempt, evidence, 'unknown') : attempt",
        replace: "return status === 'intent' ? withResult(attempt, evidence, 'absent') : attempt",
      },
    ],
    hunt: { type: 'queryable', seeds: 40 },
  },
  {
    name: 'sends before the intent is durable',
    edits: [
      {
        file: BEGIN,
        find: 'const result = await journal.begin({',
        replace: `const atOnce = (intent: Parameters<typeof journal.begin>[0]) => {
    journal.begin(intent).catch(() => undefined)
    return { kind: 'begun', epoch: 1, version: 1 } as const
  }
  const result: BeginResult = atOnce({`,
      },
    ],
    hunt: { type: 'idempotent', seeds: 40 },
  },
  {
    name: 'keeps idempotency keys in the hints only',
    edits: [
      {
        file: BEGIN,
        find: 'const id = newPaymentId(clock, random, command.shard)\n  const refused',
        replace: `const id = newPaymentId(clock, random, command.shard)
  const [hint = ''] = await gateway.ports.cache.getMany([command.key.key])
  const hinted = await gateway.ports.journal.find(command.tenant, String(hint))
  if (hinted !== undefined) return { kind: 'answer', payment: hinted.payment, replayed: true }
  await gateway.ports.cache.set(command.key.key, id, 86_400)
  const refused`,
      },
      {
        file: BEGIN,
        find: 'key: command.key,\n    decision:',
        replace: 'key: { ...command.key, key: payment.id },\n    decision:',
      },
    ],
    hunt: { type: 'idempotent', seeds: 40 },
  },
  {
    name: 'takes "not found" for final',
    edits: [
      {
        file: TRANSITION,
        find: 'if (contract.settleWindowMs === undefined) return false',
        replace: 'if (now > 0) return true',
      },
    ],
    hunt: { type: 'queryable', seeds: 40 },
  },
  {
    name: 'waits too short before "not found" is final',
    edits: [
      {
        file: TRANSITION,
        find: 'return now > attempt.sendableUntil + attempt.timeoutMs + contract.settleWindowMs + CLOCK_ERROR_MS',
        replace: 'return now > attempt.sendableUntil + attempt.timeoutMs + 10_000',
      },
    ],
    hunt: { type: 'queryable', seeds: 40 },
  },
  {
    name: 'lets an order be paid by several payments',
    edits: [
      {
        file: 'core/payment/trail.ts',
        find: "return status !== 'declined' && status !== 'canceled'",
        replace: "return status === 'requires_action'",
      },
    ],
    hunt: { type: 'idempotent', seeds: 40 },
  },
  {
    name: 'has no fence',
    edits: NO_FENCE,
    hunt: STANDING,
  },
  {
    name: 'does not check its lease before it sends',
    edits: [NO_LEASE_CHECK],
    hunt: { type: 'idempotent', seeds: 40, orders: 40, faults: { pause_writing: 0.02 } },
  },
  {
    name: 'has no fence and does not check its lease',
    edits: [...NO_FENCE, NO_LEASE_CHECK],
    hunt: { type: 'idempotent', seeds: 40 },
  },
  {
    name: 'adopts the epoch that it reads',
    edits: [
      {
        file: RECORD,
        find: 'owner &&= result.stored.epoch === session.epoch',
        replace: 'session = { ...session, epoch: result.stored.epoch }',
      },
    ],
    hunt: STANDING,
  },
  {
    name: 'does not bind the key that joins',
    edits: [{ file: BEGIN, find: 'version,\n      key: command.key,', replace: 'version,' }],
    hunt: { type: 'queryable', seeds: 40 },
  },
  {
    name: 'takes a notification before it is durable',
    edits: [
      {
        file: 'gateway/notify.ts',
        find: 'const result = await recordEvidence(gateway, facts, confirmed, { stored, inbox, also })\n  return ',
        replace:
          "recordEvidence(gateway, facts, confirmed, { stored, inbox, also }).catch(() => undefined)\n  const result = { kind: 'recorded' } as { kind: 'recorded' | 'unknown_reference' }\n  return ",
      },
    ],
    hunt: { type: 'idempotent', seeds: 40, faults: { flip: 1, journal_refuses: 0.2 } },
  },
  {
    name: 'believes an approval that nobody confirmed',
    edits: [
      {
        file: 'gateway/notify.ts',
        find: 'if (!attempt.contract.queryable || !movesMoney(payment, attempt, evidence)) return evidence',
        replace: 'if (evidence.result.kind.length > 0) return evidence',
      },
    ],
    hunt: { type: 'queryable', seeds: 40, faults: { forgery: 1 } },
  },
  {
    name: 'ignores a late approval',
    edits: [
      {
        file: TRANSITION,
        find: 'else if (holdsMoney(attempt)) next = oblige(next, attempt, now)',
        replace: '',
      },
    ],
    hunt: { type: 'idempotent', seeds: 40 },
  },
  {
    name: 'gives up the amount of an unknown refund',
    edits: [
      {
        file: 'core/payment/view.ts',
        find: "operation.kind === kind && operation.status !== 'failed'",
        replace: "operation.kind === kind && operation.status !== 'failed' && operation.status !== 'unknown'",
      },
    ],
    hunt: { type: 'queryable', seeds: 40 },
  },
  {
    name: 'sends again when the key may be forgotten',
    edits: [
      {
        file: 'core/payment/resolution.ts',
        find: 'return now < attempt.keyWindowEndsAt - KEY_WINDOW_MARGIN_MS',
        replace: 'return now > 0',
      },
      // The day after which nothing is sent again is as long as these upstreams keep their keys.
      {
        file: 'core/payment/resolution.ts',
        find: 'if (now > attempt.openedAt + PATIENCE_MS) return false',
        replace: '',
      },
    ],
    hunt: {
      type: 'idempotent-blind',
      seeds: 4,
      orders: 10,
      faults: { response_lost: 1 },
      healAtMs: 28 * 3_600_000,
    },
  },
  {
    name: 'sends other bytes when it sends again',
    edits: [
      {
        file: 'gateway/send.ts',
        find: 'expiresAt: attempt.expiresAt,',
        replace: 'expiresAt: attempt.sendableUntil + attempt.timeoutMs,',
      },
    ],
    hunt: { type: 'idempotent', seeds: 40 },
  },
  {
    name: 'answers what is not durable',
    edits: [
      {
        file: 'gateway/hear.ts',
        find: "return { kind: 'answer', payment: sending.session.payment, replayed: false }",
        replace:
          "return { kind: 'answer', payment: applyEvidence(sending.session.payment, evidence), replayed: false }",
      },
      {
        file: 'gateway/hear.ts',
        find: "import { record } from './record.ts'",
        replace:
          "import { record } from './record.ts'\nimport { applyEvidence } from '../core/payment/transition.ts'",
      },
    ],
    hunt: { type: 'idempotent', seeds: 40, faults: { journal_down: 4 } },
  },
  {
    name: 'believes "not sent" of whoever lost the lease',
    edits: [
      {
        file: 'gateway/evidence.ts',
        find: "if (evidence.result.kind !== 'not_sent') return evidence",
        replace: 'if (evidence.result.kind.length > 0) return evidence',
      },
      // The other guard of the same rule, which alone is enough.
      {
        file: 'gateway/resolve.ts',
        find: "return attempt.status === 'intent' ? { ...attempt, status: 'unknown' } : attempt",
        replace: 'return attempt',
      },
    ],
    hunt: {
      type: 'idempotent',
      seeds: 100,
      orders: 20,
      faults: { pause: 12, not_sent: 0.5, processing: 0.5, response_lost: 0.3, notice_lost: 0.5 },
    },
  },
  {
    name: 'releases the funds of an unknown attempt',
    edits: [
      {
        file: 'gateway/commit.ts',
        find: "if (isClosed(attempt)) return { reference, outcome: 'release' }",
        replace:
          "if (isClosed(attempt) || attempt.status === 'unknown') return { reference, outcome: 'release' }",
      },
    ],
    hunt: { type: 'neither', seeds: 40 },
  },
  {
    name: 'changes a payment without its event',
    edits: [
      {
        file: 'gateway/commit.ts',
        find: '...(outbox.length === 0 ? {} : { outbox }),',
        replace: '',
      },
    ],
    hunt: { type: 'queryable', seeds: 10 },
  },
  {
    name: 'cancels without a word in the journal',
    edits: [
      {
        file: 'gateway/resolve.ts',
        find: "if (move.kind === 'query') return session",
        replace: "if (move.kind !== 'resend') return session",
      },
    ],
    hunt: UNDOING,
  },
  {
    name: 'keeps an approval that it is undoing',
    edits: [
      {
        file: TRANSITION,
        find: 'if (!undoing) return withResult(attempt, evidence, status)',
        replace: 'return withResult(attempt, evidence, status)',
      },
    ],
    hunt: UNDOING,
  },
  ...OPERATION_MUTANTS,
]
