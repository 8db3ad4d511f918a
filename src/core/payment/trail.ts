import type { Payment } from './payment.ts'
import { giveBackReferences } from './resolution.ts'
import { hasOpenWork } from './transition.ts'
import { publicStatus } from './view.ts'

/** Whether the payment keeps its order: it is live, or it has taken money that is not all given back by a void. */
export function keepsOrder(payment: Payment): boolean {
  const status = publicStatus(payment)
  return status !== 'declined' && status !== 'canceled'
}

/** Whether something is left to drive, or for a person to settle. */
export function isOpenPayment(payment: Payment): boolean {
  return (
    hasOpenWork(payment) ||
    payment.manual !== undefined ||
    payment.obligations.some(({ status }) => status === 'manual') ||
    payment.operations.some(({ status }) => status === 'manual')
  )
}

/** The references by which upstreams know the payment: of its attempts, captures and refunds, given back or asked for. */
export function referencesOf(payment: Payment): string[] {
  const references = payment.attempts.map(({ reference }) => reference)
  for (const { kind, reference } of payment.operations) if (kind !== 'void') references.push(reference)
  for (const owed of payment.obligations) references.push(...giveBackReferences(owed))
  return references
}

/** The names that upstreams have given to the attempts, as far as they can be searched for. */
export function providerReferencesOf({ attempts }: Payment): string[] {
  const given = attempts.flatMap(({ providerReference }) => providerReference ?? [])
  if (given.length === 0) return given
  return [...new Set(given)].filter(reference => SEARCHABLE.test(reference))
}

/** Upstreams choose these texts: no database has to take a control character or half a character as a key. */
const SEARCHABLE = /^\P{C}{1,128}$/u

/**
 * JSON text of everything in a payment that speaks of money, and nothing that speaks of the payer: one line of its
 * append-only history.
 */
export function paymentTrail(payment: Payment): string {
  const { result, winner, manual, intervention, attempts, operations, obligations } = payment
  return JSON.stringify({
    result,
    winner,
    manual,
    intervention,
    attempts: attempts.map(({ reference, route, amount, status, canceling, providerReference }) => ({
      reference,
      route,
      amount,
      status,
      canceling,
      providerReference,
    })),
    operations: operations.map(({ id, kind, reference, amount, status, final }) => ({
      id,
      kind,
      reference,
      amount,
      status,
      final,
    })),
    obligations: obligations.map(({ reference, cause, status }) => ({ reference, cause, status })),
  })
}
