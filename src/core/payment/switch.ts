import type { AcceptedTender, PaymentContext } from './context.ts'
import type { Payment } from './payment.ts'

/** The context with what the payer consents to now: the tender switched to, or what came with the payment. */
export function currentContext({ context, switchTo, switched }: Payment): PaymentContext {
  const tender = switchTo ?? switched
  if (tender === undefined) return context
  return { ...context, funding: { ...context.funding, accept: [tender] } }
}

/** Whether the payer may change the tender: the payment has not ended, is not being canceled, and needs nobody. */
export function maySwitch({ result, cancelRequested, manual }: Payment): boolean {
  return result === undefined && cancelRequested !== true && manual === undefined
}

/**
 * Asks for another tender. The open attempt is closed and confirmed first; if it turns out to be paid, the payment
 * has succeeded with the old tender. What was refused counts no more against the number of attempts: the payer has
 * begun anew, and waits for the new tender no longer than for a new payment.
 * @param tries how many attempts the new tender may take
 */
export function askToSwitch(
  payment: Payment,
  to: AcceptedTender,
  tries: number,
  deadlineAt: number,
): Payment {
  if (!maySwitch(payment)) throw new TypeError('a payment that has ended cannot be switched')
  return { ...payment, switchTo: to, attemptsMax: payment.attempts.length + tries, deadlineAt, resolves: 0 }
}
