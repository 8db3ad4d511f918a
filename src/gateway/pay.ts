import type { Evidence } from '../core/payment/outcome.ts'
import { publicStatus } from '../core/payment/view.ts'
import type { Clock } from '../ports/clock.ts'
import { begin } from './begin.ts'
import { recordEvidence } from './evidence.ts'
import type { Facts } from './facts.ts'
import { hear } from './hear.ts'
import { acceptQuotes } from './quote.ts'
import { assertNotHeld } from './recovery.ts'
import type { Gateway } from './runtime.ts'
import { send } from './send.ts'
import type { Answer, PayCommand, Sending, Step } from './step.ts'

/**
 * The half of a payment that holds its state. On Node it is in the process that sends; on Workers the state is in a
 * Durable Object and the sends are in front of it.
 */
export interface PaymentCore {
  /** First half: everything up to a durable INTENT. Rejects with `JournalUnavailable`; then nothing was sent. */
  begin(command: PayCommand): Promise<Step>
  /** Second half: what came of a send, and what is next. */
  hear(sending: Sending, evidence: Evidence): Promise<Step>
  /** An answer that came after its deadline. Never throws; what is lost here the resolver finds by asking. */
  late(evidence: Evidence): void
}

/**
 * Carries a payment out: begin, then send and hear until there is an answer. Runs to its end whatever becomes of the
 * client. Rejects with `JournalUnavailable` only before anything was sent.
 */
export async function pay(clock: Clock, core: PaymentCore, command: PayCommand): Promise<Answer> {
  return carryOut(clock, core, await core.begin(command))
}

/** Sends and hears until there is an answer: for new payments, and for those that the resolver goes on with. */
export async function carryOut(clock: Clock, core: Omit<PaymentCore, 'begin'>, first: Step): Promise<Answer> {
  let step = first
  while (step.kind === 'send') {
    const evidence = await send(clock, step, late => core.late(late))
    step = await core.hear(step, evidence)
  }
  return step
}

/** The state in this process. */
export function localCore(gateway: Gateway, facts: Facts): PaymentCore {
  return {
    begin: async command => {
      assertNotHeld(gateway)
      return told(gateway, await beginWithQuotes(gateway, facts, command))
    },
    hear: async (sending, evidence) => told(gateway, await hear(gateway, facts, sending, evidence)),
    late: evidence => void recordLate(gateway, facts, evidence),
  }
}

async function beginWithQuotes(gateway: Gateway, facts: Facts, command: PayCommand): Promise<Step> {
  const context = await acceptQuotes(gateway, command.tenant, command.context)
  if (!('code' in context)) return begin(gateway, facts, { ...command, context })
  // A repetition gets the answer of the first time, however long ago its quote has expired.
  const known = await gateway.ports.journal.findByKey(command.tenant, command.key.key)
  return known === undefined ? { kind: 'conflict', ...context } : begin(gateway, facts, command)
}

async function recordLate(gateway: Gateway, facts: Facts, evidence: Evidence): Promise<void> {
  try {
    await recordEvidence(gateway, facts, evidence)
  } catch {
    gateway.ports.telemetry.record({ kind: 'fault', area: 'late_answer', cause: 'journal_unavailable' })
  }
}

function told(gateway: Gateway, step: Step): Step {
  if (step.kind !== 'answer' || step.replayed) return step
  const { payment } = step
  const winner =
    payment.attempts.find(({ reference }) => reference === payment.winner) ?? payment.attempts.at(-1)
  gateway.ports.telemetry.record({
    kind: 'payment',
    tenant: payment.tenant,
    payment: payment.id,
    status: publicStatus(payment),
    ...(winner === undefined ? {} : { route: winner.route }),
  })
  return step
}
