import type { PaymentContext } from '../core/payment/context.ts'
import { publicStatus } from '../core/payment/view.ts'
import type { Payment } from '../core/payment/payment.ts'
import type { Answer } from '../gateway/step.ts'
import { answerJson, replayedHeader } from './answer.ts'
import type { ApiContext, Endpoint, HttpDeps } from './endpoint.ts'
import type { Caller } from './auth.ts'
import { ENDPOINT_DOCS } from './endpoint-docs.ts'
import { presentAnswer, presentPayment } from './present.ts'
import { Problem } from './problem.ts'
import { fingerprint, idempotencyKey, readerOf, readJson, traceparentOf } from './request.ts'
import { validateContext } from './schema.ts'

/** Payments that the gateway executes. */
export function registerPayments(deps: HttpDeps): Endpoint[] {
  const { service } = deps
  return [
    {
      method: 'POST',
      path: '/v1/payments',
      scope: 'pay',
      doc: ENDPOINT_DOCS.postPayment,
      handle: (context, caller) => postPayment(deps, context, caller),
    },
    {
      method: 'GET',
      path: '/v1/payments/:id',
      scope: 'read',
      doc: ENDPOINT_DOCS.getPayment,
      handle: async (context, caller) => {
        const payment = await service.payment(caller.tenant, context.req.param('id') ?? '')
        if (payment === undefined) throw new Problem('not_found')
        return answerJson(context, presentNow(deps, context, caller, payment))
      },
    },
    {
      method: 'GET',
      path: '/v1/payments',
      scope: 'read',
      doc: ENDPOINT_DOCS.listPayments,
      handle: async (context, caller) => {
        const orderId = context.req.query('orderId')
        if (orderId === undefined || orderId === '' || orderId.length > 128) {
          throw new Problem('invalid_request', {
            errors: [{ pointer: '/orderId', message: 'is required as a query parameter' }],
          })
        }
        const payments = await service.paymentsOfOrder(caller.tenant, orderId)
        return answerJson(context, {
          payments: payments.map(payment => presentNow(deps, context, caller, payment)),
        })
      },
    },
  ]
}

function presentNow({ service }: HttpDeps, context: ApiContext, caller: Caller, payment: Payment): object {
  return presentPayment(payment, service.runtime(), readerOf(context, caller, payment.context))
}

async function postPayment(deps: HttpDeps, context: ApiContext, caller: Caller): Promise<Response> {
  const key = idempotencyKey(context)
  const body = await readJson(context, deps.settings())
  const payment = validateContext(body.value)
  demandQuote(payment)
  const traceparent = traceparentOf(context)
  const paying = deps.service.pay({
    tenant: caller.tenant,
    context: payment,
    key: { key, fingerprint: fingerprint('POST', '/v1/payments', body.text), target: 'payment' },
    requestId: context.get('requestId'),
    ...(traceparent === undefined ? {} : { traceparent }),
  })
  deps.background(paying.catch(() => undefined))
  const answer = await within(paying, deps.settings().answerMsMax)
  return answer === undefined
    ? answerPending(deps, context, caller, key, payment)
    : answerPayment(deps, context, caller, payment, answer)
}

function demandQuote(payment: PaymentContext): void {
  const missing = payment.funding.accept.findIndex(
    ({ tender, quote }) => tender === 'credit' && quote === undefined,
  )
  if (missing < 0) return
  throw new Problem('quote_required', {
    detail: 'Ask for a quote, show it to the payer, and send the id of the one that was accepted.',
    errors: [{ pointer: `/funding/accept/${missing}/quote`, message: 'is required to pay with credit' }],
  })
}

/** What the work comes to, or undefined when it takes longer; the work itself goes on. */
export async function within<T>(work: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeout = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** The client has waited long enough: it is told `pending`, and the payment goes on. */
async function answerPending(
  deps: HttpDeps,
  context: ApiContext,
  caller: Caller,
  key: string,
  request: PaymentContext,
): Promise<Response> {
  const payment = await deps.service.paymentByKey(caller.tenant, key)
  if (payment === undefined) throw new Problem('journal_unavailable', { retryAfterSeconds: 2 })
  return answerPayment(deps, context, caller, request, { kind: 'answer', payment, replayed: false })
}

function answerPayment(
  deps: HttpDeps,
  context: ApiContext,
  caller: Caller,
  request: PaymentContext,
  answer: Answer,
): Response {
  if (answer.kind === 'conflict') {
    throw new Problem(answer.code, {
      ...(answer.payment === undefined ? {} : { payment: answer.payment }),
      ...(answer.code === 'request_in_progress' ? { retryAfterSeconds: 1 } : {}),
      ...(answer.position === undefined
        ? {}
        : {
            errors: [
              {
                pointer: `/funding/accept/${answer.position}/quote`,
                message: 'must be a quote that stands, for this order, payer and amount',
              },
            ],
          }),
    })
  }
  const { payment, replayed } = answer
  const reader = readerOf(context, caller, request)
  if (!replayed)
    payment.attempts.forEach(({ latencyMs }, i) => {
      if (latencyMs !== undefined) context.get('steps').add(`attempt-${i + 1}`, latencyMs)
    })
  const status = publicStatus(payment) === 'pending' && payment.result === undefined ? 202 : 201
  return answerJson(context, presentAnswer(payment, deps.service.runtime(), reader), status, {
    location: `/v1/payments/${payment.id}`,
    ...replayedHeader(replayed),
  })
}
