import { OPERATIONS_MAX, remaining } from '../core/payment/operation.ts'
import type { Payment, PublicStatus } from '../core/payment/payment.ts'
import { publicStatus } from '../core/payment/view.ts'
import type { HttpDeps } from './endpoint.ts'
import { Problem, type ProblemCode } from './problem.ts'

/** What a client may ask of a payment that exists. */
export type Asked = 'capture' | 'cancel' | 'refund' | 'switch'

/** The problem of a refusal, told with the state that is in the way and with what can be done instead. */
export async function refused(
  { service }: HttpDeps,
  code: ProblemCode,
  asked: Asked,
  tenant: string,
  id: string,
): Promise<Problem> {
  const payment = await service.payment(tenant, id)
  const detail = payment && refusalDetail(code, asked, payment)
  return new Problem(code, { payment: id, ...(detail === undefined ? {} : { detail }) })
}

export function refusalDetail(code: ProblemCode, asked: Asked, payment: Payment): string | undefined {
  if (code === 'amount_too_high' && (asked === 'capture' || asked === 'refund')) {
    const left = Math.max(0, remaining(payment, asked))
    return `At most ${left} in minor units of ${payment.context.amount.currency} is left to ${asked}.`
  }
  if (code !== 'state_conflict') return undefined
  if (payment.checkout !== undefined) {
    return 'It was paid through the proxy: what follows goes the same way.'
  }
  if (payment.operations.length >= OPERATIONS_MAX) {
    return `It has had ${OPERATIONS_MAX} captures, voids and refunds, which is the most of one payment.`
  }
  const status = publicStatus(payment)
  return `It is ${status}: ${INSTEAD[asked][status]}.`
}

const AWAIT = 'wait for its end, by event or GET /v1/payments/{id}'
const NO_MONEY = 'it holds no money, and the order may be paid by a new payment'
const CAPTURED = 'what is captured is given back by POST /v1/payments/{id}/refunds'

const INSTEAD: Readonly<Record<Asked, Readonly<Record<PublicStatus, string>>>> = {
  capture: {
    succeeded: 'nothing is left to capture',
    authorized: 'nothing is left to capture, or it is being canceled',
    pending: AWAIT,
    requires_action: AWAIT,
    declined: NO_MONEY,
    canceled: NO_MONEY,
  },
  refund: {
    succeeded: 'nothing is left to refund',
    authorized: 'nothing is captured yet; POST /v1/payments/{id}/cancel gives it back',
    pending: AWAIT,
    requires_action: AWAIT,
    declined: NO_MONEY,
    canceled: NO_MONEY,
  },
  cancel: {
    succeeded: CAPTURED,
    authorized: `a part is captured or may be; ${CAPTURED}`,
    pending: AWAIT,
    requires_action: AWAIT,
    declined: NO_MONEY,
    canceled: NO_MONEY,
  },
  switch: {
    succeeded: 'the order is paid',
    authorized: 'the order is paid',
    pending: AWAIT,
    requires_action: AWAIT,
    declined: NO_MONEY,
    canceled: NO_MONEY,
  },
}
