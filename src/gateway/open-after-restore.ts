import type { Attempt } from '../core/payment/payment.ts'
import { isOpen } from '../core/payment/transition.ts'
import type { StoredPayment } from '../ports/journal.ts'
import { join } from './commit.ts'
import { joinEvidence } from './reconcile.ts'
import type { Gateway } from './runtime.ts'
import { stopwatch } from './stopwatch.ts'

/** Payments that one recovery can have open. */
export const OPEN_MAX = 100_000
const ASKED_AT_ONCE = 16

/**
 * What was sent of an open attempt after the backup is not in the journal: from the hold on, at the earliest, the time
 * counts after which "not found" proves something. Safe to repeat.
 */
export async function distrustOpenAttempts(gateway: Gateway, heldAt: number): Promise<number> {
  const open = await gateway.ports.journal.listOpen(undefined, OPEN_MAX)
  for (const stored of open) {
    await join(gateway, stored, undefined, payment => {
      const attempts = payment.attempts.map(attempt => distrusted(attempt, heldAt))
      const same = attempts.every((attempt, i) => attempt === payment.attempts[i])
      return same ? payment : { ...payment, attempts }
    })
  }
  return open.length
}

function distrusted(attempt: Attempt, heldAt: number): Attempt {
  if (!isOpen(attempt) || (attempt.status !== 'intent' && attempt.sendableUntil >= heldAt)) return attempt
  return {
    ...attempt,
    status: attempt.status === 'intent' ? 'unknown' : attempt.status,
    sendableUntil: Math.max(attempt.sendableUntil, heldAt),
  }
}

/** Asks about every open attempt whose upstream can be asked. Nothing else is sent, and nothing is opened. */
export async function askAboutOpen(
  gateway: Gateway,
): Promise<{ readonly asked: number; readonly open: number }> {
  const before = await gateway.ports.journal.listOpen(undefined, OPEN_MAX)
  const askable = before.flatMap(stored =>
    stored.payment.checkout === undefined
      ? stored.payment.attempts
          .filter(attempt => isOpen(attempt) && attempt.contract.queryable)
          .map(attempt => ({ stored, attempt }))
      : [],
  )
  for (let start = 0; start < askable.length; start += ASKED_AT_ONCE) {
    const some = askable.slice(start, start + ASKED_AT_ONCE)
    await Promise.all(some.map(({ stored, attempt }) => ask(gateway, stored, attempt)))
  }
  const open = await gateway.ports.journal.listOpen(undefined, OPEN_MAX)
  return { asked: askable.length, open: open.length }
}

async function ask(gateway: Gateway, stored: StoredPayment, attempt: Attempt): Promise<void> {
  const { clock } = gateway.ports
  const route = gateway.runtime().routes.get(attempt.route)
  if (route === undefined) return
  const elapsedMs = stopwatch(clock)
  const options = { timeoutMs: attempt.timeoutMs }
  const result = await route.connector.query(attempt.reference, attempt.amount, options)
  await joinEvidence(gateway, stored, {
    reference: attempt.reference,
    source: 'query',
    result,
    at: clock.now(),
    latencyMs: elapsedMs(),
  })
}
