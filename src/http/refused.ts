import { OPERATIONS_MAX, remaining } from '../core/payment/operation.ts'
import type { Payment, PublicStatus } from '../core/payment/payment.ts'
import { publicStatus } from '../core/payment/view.ts'
import type { HttpDeps } from './endpoint.ts'
import { Problem, type ProblemCode } from './problem.ts'

/** What a client may ask of a payment that exists. */
type Asked = 'capture' | 'cancel' | 'refund' | 'switch'

/** The problem of a refusal, told with the state that is in the way and with what can be done instead. */
export async function refused(
  { service }: HttpDeps,
  code: ProblemCode,
  asked: Asked,
  tenant: string,
  id: string,
): Promise<Problem> {
  if (code !== 'amount_too_high' && code !== 'state_conflict') return new Problem(code, { payment: id })
  const payment = await service.payment(tenant, id)
  const detail = payment && detailOf(code, asked, payment)
  return new Problem(code, { payment: id, ...(detail === undefined ? {} : { detail }) })
}

function detailOf(
  code: 'amount_too_high' | 'state_conflict',
  asked: Asked,
  payment: Payment,
): string | undefined {
  if (code === 'state_conflict') return stateOf(asked, payment)
  if (asked !== 'capture' && asked !== 'refund') return undefined
  const left = Math.max(0, remaining(payment, asked))
  return `At most ${left} in minor units of ${payment.context.amount.currency} is left to ${asked}.`
}

function stateOf(asked: Asked, payment: Payment): string {
  if (payment.checkout !== undefined) return 'It was paid through the proxy: what follows goes the same way.'
  if (payment.operations.length >= OPERATIONS_MAX) {
    return `It has had ${OPERATIONS_MAX} captures, voids and refunds, which is the most of one payment.`
  }
  const status = publicStatus(payment)
  return `It is ${status}: ${insteadOf(asked, status)}.`
}

function insteadOf(asked: Asked, status: PublicStatus): string {
  switch (status) {
    case 'pending':
    case 'requires_action':
      return 'wait for its end, by event or GET /v1/payments/{id}'
    case 'declined':
    case 'canceled':
      return 'it holds no money, and the order may be paid by a new payment'
    case 'succeeded':
    case 'authorized':
      return WITH_MONEY[asked][status]
  }
}

const CAPTURED = 'what is captured is given back by POST /v1/payments/{id}/refunds'

const WITH_MONEY: Readonly<Record<Asked, Readonly<Record<'succeeded' | 'authorized', string>>>> = {
  capture: {
    succeeded: 'nothing is left to capture',
    authorized: 'nothing is left to capture, or it is being canceled',
  },
  refund: {
    succeeded: 'nothing is left to refund',
    authorized: 'nothing is captured yet; POST /v1/payments/{id}/cancel gives it back',
  },
  cancel: {
    succeeded: CAPTURED,
    authorized: `a part is captured or may be; ${CAPTURED}`,
  },
  switch: { succeeded: 'the order is paid', authorized: 'the order is paid' },
}
