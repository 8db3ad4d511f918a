import type { Evidence } from '../core/payment/outcome.ts'
import { publicStatus } from '../core/payment/view.ts'
import { JournalUnavailable } from '../ports/journal.ts'
import { begin, type PayCommand } from './begin.ts'
import { recordEvidence } from './evidence.ts'
import type { Facts } from './facts.ts'
import { acceptQuotes } from './quote.ts'
import { record } from './record.ts'
import type { Gateway } from './runtime.ts'
import { send } from './send.ts'
import type { Answer, Sending, Step } from './step.ts'

/**
 * Carries a payment out: begin, then send and record until there is an answer. Runs to its end whatever becomes
 * of the client. Rejects with `JournalUnavailable` only before anything was sent.
 */
export async function pay(gateway: Gateway, facts: Facts, command: PayCommand): Promise<Answer> {
  const context = await acceptQuotes(gateway, command.tenant, command.context)
  if ('code' in context) {
    // A repetition gets the answer of the first time, however long ago its quote has expired.
    const known = await gateway.ports.journal.findByKey(command.tenant, command.key.key)
    if (known === undefined) return { kind: 'conflict', ...context }
    return carryOut(gateway, facts, await begin(gateway, facts, command))
  }
  return carryOut(gateway, facts, await begin(gateway, facts, { ...command, context }))
}

/** Sends and records until there is an answer: for new payments, and for those that the resolver goes on with. */
export async function carryOut(gateway: Gateway, facts: Facts, first: Step): Promise<Answer> {
  let step = first
  while (step.kind === 'send') {
    const sending = step
    const evidence = await send(gateway, sending, late => void recordLate(gateway, facts, late))
    step = await recordOrWait(gateway, facts, sending, evidence)
  }
  tell(gateway, step)
  return step
}

/** Waits between tries to record an outcome while the journal is away, ms. Then the resolver finds it by asking. */
const RECORD_WAITS_MS = [50, 200, 1_000, 3_000]

/**
 * An outcome that cannot be recorded now is not lost: the INTENT is durable, so the resolver will ask the upstream.
 * The client is told `pending`, because nothing else is durable.
 */
async function recordOrWait(
  gateway: Gateway,
  facts: Facts,
  sending: Sending,
  evidence: Evidence,
): Promise<Step> {
  for (const waitMs of [...RECORD_WAITS_MS, 0]) {
    try {
      return await record(gateway, facts, sending.session, evidence)
    } catch (error) {
      if (!(error instanceof JournalUnavailable)) throw error
      gateway.ports.telemetry.record({ kind: 'fault', area: 'record', cause: 'journal_unavailable' })
      if (waitMs > 0) await gateway.ports.clock.sleep(waitMs)
    }
  }
  return { kind: 'answer', payment: sending.session.payment, replayed: false }
}

/** An answer that came after its deadline. If the journal is away now, the resolver learns it by asking. */
async function recordLate(gateway: Gateway, facts: Facts, evidence: Evidence): Promise<void> {
  try {
    await recordEvidence(gateway, facts, evidence)
  } catch {
    gateway.ports.telemetry.record({ kind: 'fault', area: 'late_answer', cause: 'journal_unavailable' })
  }
}

function tell(gateway: Gateway, answer: Answer): void {
  if (answer.kind !== 'answer' || answer.replayed) return
  const { payment } = answer
  const winner =
    payment.attempts.find(({ reference }) => reference === payment.winner) ?? payment.attempts.at(-1)
  gateway.ports.telemetry.record({
    kind: 'payment',
    tenant: payment.tenant,
    payment: payment.id,
    status: publicStatus(payment),
    ...(winner === undefined ? {} : { route: winner.route }),
  })
}
