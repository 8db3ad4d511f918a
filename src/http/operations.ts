import type { AcceptedTender } from '../core/payment/context.ts'
import type { Operation, Payment } from '../core/payment/payment.ts'
import { answerJson, replayedHeader } from './answer.ts'
import type { ApiContext, Endpoint, HttpDeps } from './endpoint.ts'
import type { Caller } from './auth.ts'
import { amountSchema, captureSchema, emptySchema, ENDPOINT_DOCS, switchSchema } from './endpoint-docs.ts'
import { within } from './payments.ts'
import { presentAnswer, presentOperation, presentPayment, presentRefund } from './present.ts'
import { Problem } from './problem.ts'
import { refused } from './refused.ts'
import { fingerprint, idempotencyKey, readerOf, readJson } from './request.ts'
import { validate } from './schema.ts'

/** Captures, cancellations and refunds of a payment. */
export function registerOperations(deps: HttpDeps): Endpoint[] {
  return [
    {
      method: 'POST',
      path: '/v1/payments/:id/capture',
      scope: 'pay',
      doc: ENDPOINT_DOCS.postCapture,
      handle: async (context, caller) => {
        const { payment, operation, replayed } = await operate(deps, context, caller, 'capture')
        const capture = presentOperation(operation)
        const told = { ...presentNow(deps, context, caller, payment), capture }
        return answerJson(context, told, 201, replayedHeader(replayed))
      },
    },
    {
      method: 'POST',
      path: '/v1/payments/:id/cancel',
      scope: 'pay',
      doc: ENDPOINT_DOCS.postCancel,
      handle: (context, caller) => cancel(deps, context, caller),
    },
    {
      method: 'POST',
      path: '/v1/payments/:id/switch',
      scope: 'pay',
      doc: ENDPOINT_DOCS.postSwitch,
      handle: (context, caller) => switchTender(deps, context, caller),
    },
    {
      method: 'POST',
      path: '/v1/payments/:id/refunds',
      scope: 'refund',
      doc: ENDPOINT_DOCS.postRefund,
      handle: async (context, caller) => {
        const { payment, operation, replayed } = await operate(deps, context, caller, 'refund')
        const pending = operation.status !== 'succeeded' && operation.status !== 'failed'
        return answerJson(context, presentRefund(payment, operation), pending ? 202 : 201, {
          location: `/v1/payments/${payment.id}/refunds/${operation.id}`,
          ...replayedHeader(replayed),
        })
      },
    },
    {
      method: 'GET',
      path: '/v1/payments/:id/refunds/:refund',
      scope: 'read',
      doc: ENDPOINT_DOCS.getRefund,
      handle: async (context, caller) => {
        const payment = await deps.service.payment(caller.tenant, context.req.param('id') ?? '')
        const id = context.req.param('refund')
        const operation = payment?.operations.find(other => other.kind === 'refund' && other.id === id)
        if (payment === undefined || operation === undefined) throw new Problem('not_found')
        return answerJson(context, presentRefund(payment, operation))
      },
    },
  ]
}

function presentNow({ service }: HttpDeps, context: ApiContext, caller: Caller, payment: Payment): object {
  return presentPayment(payment, service.runtime(), readerOf(context, caller, payment.context))
}

async function operate(
  deps: HttpDeps,
  context: ApiContext,
  caller: Caller,
  kind: 'capture' | 'refund',
): Promise<{ payment: Payment; operation: Operation; replayed: boolean }> {
  const key = idempotencyKey(context)
  const body = await readJson(context, deps.settings())
  const { amount, final } =
    kind === 'capture'
      ? validate(captureSchema, body.value)
      : { ...validate(amountSchema, body.value), final: undefined }
  const id = context.req.param('id') ?? ''
  const answer = await deps.service.operate({
    tenant: caller.tenant,
    payment: id,
    kind,
    key: { key, fingerprint: fingerprint('POST', `/v1/payments/${id}/${kind}`, body.text) },
    ...(amount === undefined ? {} : { amount }),
    ...(final === undefined ? {} : { final }),
  })
  if (answer.kind === 'not_found') throw new Problem('not_found')
  if (answer.kind === 'refused') throw await refused(deps, answer.code, kind, caller.tenant, id)
  return answer
}

/** Ends a payment that has not taken money, or gives an authorization back. A captured one is refunded instead. */
async function cancel(deps: HttpDeps, context: ApiContext, caller: Caller): Promise<Response> {
  const key = idempotencyKey(context)
  const body = await readJson(context, deps.settings())
  validate(emptySchema, body.value)
  const id = context.req.param('id') ?? ''
  const answer = await deps.service.cancel({
    tenant: caller.tenant,
    payment: id,
    key: { key, fingerprint: fingerprint('POST', `/v1/payments/${id}/cancel`, body.text) },
  })
  if (answer.kind === 'not_found') throw new Problem('not_found')
  if (answer.kind === 'refused') throw await refused(deps, answer.code, 'cancel', caller.tenant, id)
  return answerOperated(context, presentNow(deps, context, caller, answer.payment), answer.replayed)
}

/** Closes what is open and goes on with another tender; the client is told `pending` when that takes too long. */
async function switchTender(deps: HttpDeps, context: ApiContext, caller: Caller): Promise<Response> {
  const key = idempotencyKey(context)
  const body = await readJson(context, deps.settings())
  const to = validate(switchSchema, body.value) as AcceptedTender
  if (to.tender === 'credit' && to.quote === undefined) {
    throw new Problem('quote_required', {
      errors: [{ pointer: '/quote', message: 'is required to pay with credit' }],
    })
  }
  const id = context.req.param('id') ?? ''
  const switching = deps.service.switchTender({
    tenant: caller.tenant,
    payment: id,
    to,
    key: { key, fingerprint: fingerprint('POST', `/v1/payments/${id}/switch`, body.text) },
  })
  deps.background(switching.catch(() => undefined))
  const answer = await within(switching, deps.settings().answerMsMax)
  if (answer?.kind === 'not_found') throw new Problem('not_found')
  if (answer?.kind === 'refused') throw await refused(deps, answer.code, 'switch', caller.tenant, id)
  const payment = answer?.payment ?? (await deps.service.payment(caller.tenant, id))
  if (payment === undefined) throw new Problem('not_found')
  // As it was answered: what is told of the old attempt later must not change the answer to the same key.
  const reader = readerOf(context, caller, payment.context)
  return answerOperated(context, presentAnswer(payment, deps.service.runtime(), reader), answer?.replayed)
}

function answerOperated(context: ApiContext, presented: object, replayed: boolean | undefined): Response {
  const pending = 'status' in presented && presented.status === 'pending'
  return answerJson(context, presented, pending ? 202 : 201, replayedHeader(replayed))
}
