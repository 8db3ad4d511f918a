import type { Context, Hono } from 'hono'
import * as z from 'zod'
import type { ResolutionRefusal } from '../core/payment/intervention.ts'
import type { Facts } from '../gateway/facts.ts'
import {
  confirmResolution,
  type InterventionResult,
  proposeResolution,
  withdrawResolution,
} from '../gateway/intervene.ts'
import type { Gateway } from '../gateway/runtime.ts'
import { findPayments, type PaymentQuery, showPayment } from '../gateway/search.ts'
import { presentForOperators, presentWithHistory } from './present-operators.ts'
import { Problem } from './problem.ts'
import { type BodyLimits, readJson, refuseAddress } from './request.ts'
import { id, moneySchema, validate } from './schema.ts'

/** What the endpoints about payments work with. */
export interface AdminPayments {
  readonly gateway: Gateway
  readonly facts: Facts
  /** The person whose own token a request shows. */
  readonly operatorOf: (header: string | undefined) => string | undefined
}

const text = z.string().min(1).max(128)
const reference = z.string().min(1).max(64)

const resolutionSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum(['approved', 'authorized']),
    reference,
    amount: moneySchema,
    providerReference: id.exactOptional(),
  }),
  z.strictObject({ kind: z.enum(['no_money', 'given_back']), reference }),
  z.strictObject({ kind: z.enum(['operation_succeeded', 'operation_failed']), operation: text }),
  z.strictObject({ kind: z.literal('acknowledged') }),
])

const proposalSchema = z.strictObject({ resolution: resolutionSchema, reason: z.string().min(10).max(500) })
const decisionSchema = z.strictObject({ proposal: text })

const searchSchema = z
  .strictObject({
    orderId: text.exactOptional(),
    reference: reference.exactOptional(),
    providerReference: text.exactOptional(),
    status: z.enum(['manual', 'pending']).exactOptional(),
    tenant: z.string().min(1).max(48).exactOptional(),
    limit: z.coerce.number().int().min(1).max(200).default(50),
    // Read by whoever chooses the shard.
    shard: z.string().exactOptional(),
  })
  .refine(
    ({ orderId, reference: ours, providerReference, status }) =>
      [orderId, ours, providerReference, status].filter(given => given !== undefined).length === 1,
    'must name one of orderId, reference, providerReference and status',
  )

/** Mounts the search for payments, and their settlement by two people, on the operators' listener. */
export function addPayments(app: Hono, payments: AdminPayments, limits: () => BodyLimits): void {
  app.get('/admin/v1/payments', async context => {
    refuseAddress(context)
    const asked = validate(searchSchema, context.req.query())
    const found = await findPayments(payments.gateway, queryOf(asked), asked.limit, asked.tenant)
    return context.json({ payments: found.payments.map(presentForOperators), more: found.more })
  })
  app.get('/admin/v1/payments/:id', async context => {
    const shown = await showPayment(payments.gateway, context.req.param('id'), context.req.query('tenant'))
    if (shown === undefined) throw new Problem('not_found')
    return context.json(presentWithHistory(shown.stored, shown.history))
  })
  app.post('/admin/v1/payments/:id/proposals', async context => {
    const operator = nameOf(payments, context)
    const where = await ownerOf(payments, context)
    const { value } = await readJson(context, limits())
    const { resolution, reason } = validate(proposalSchema, value)
    const result = await proposeResolution(payments.gateway, { ...where, operator, resolution, reason })
    return told(context, result, 201)
  })
  app.post('/admin/v1/payments/:id/proposals/confirm', async context => {
    const command = await decisionOf(payments, context, limits)
    return told(context, await confirmResolution(payments.gateway, payments.facts, command))
  })
  app.post('/admin/v1/payments/:id/proposals/withdraw', async context => {
    const command = await decisionOf(payments, context, limits)
    return told(context, await withdrawResolution(payments.gateway, command))
  })
}

function queryOf(asked: z.output<typeof searchSchema>): PaymentQuery {
  const { orderId, reference: ours, providerReference, status } = asked
  if (orderId !== undefined) return { by: 'order', orderId }
  if (ours !== undefined) return { by: 'reference', reference: ours }
  if (providerReference !== undefined) return { by: 'provider_reference', providerReference }
  return { by: 'status', status: status ?? 'manual' }
}

async function decisionOf(payments: AdminPayments, context: Context, limits: () => BodyLimits) {
  const operator = nameOf(payments, context)
  const where = await ownerOf(payments, context)
  const { value } = await readJson(context, limits())
  return { ...where, operator, proposal: validate(decisionSchema, value).proposal }
}

function nameOf({ operatorOf }: AdminPayments, context: Context): string {
  const name = operatorOf(context.req.header('authorization'))
  if (name === undefined) throw new Problem('operator_required')
  return name
}

/** Whose payment it is: the id alone names it, as ids are random. */
async function ownerOf(
  { gateway }: AdminPayments,
  context: Context,
): Promise<{ readonly tenant: string; readonly payment: string }> {
  const id = context.req.param('id') ?? ''
  const shown = await showPayment(gateway, id, context.req.query('tenant'))
  if (shown === undefined) throw new Problem('not_found')
  return { tenant: shown.stored.payment.tenant, payment: id }
}

const UNFIT: Readonly<Record<ResolutionRefusal, string>> = {
  attempt_not_open: 'must name an attempt whose outcome is open and which is not just being sent',
  amount_differs: 'must have the amount of the attempt; what differs is put right at the upstream first',
  nothing_owed: 'must name an attempt whose money has to go back',
  operation_not_open: 'must name a capture, void or refund whose outcome is open',
  no_alarm: 'needs an alarm to answer',
  still_open: 'needs the outcome of what is still open',
}

const STALE = {
  not_open: 'There is no such proposal, or it has been decided.',
  expired: 'Its time is over. Look again, and propose it anew.',
  moved_on: 'The payment has moved on since it was proposed. Look again.',
} as const

function told(context: Context, result: InterventionResult, status: 200 | 201 = 200): Response {
  switch (result.kind) {
    case 'done':
      return context.json(presentForOperators({ payment: result.payment }), status)
    case 'not_found':
      throw new Problem('not_found')
    case 'unfit': {
      const pointer = result.refusal === 'amount_differs' ? '/resolution/amount' : '/resolution'
      throw new Problem('invalid_request', { errors: [{ pointer, message: UNFIT[result.refusal] }] })
    }
    case 'proposal_open':
      throw new Problem('proposal_open', { detail: `It is ${result.proposal}.` })
    case 'same_operator':
      throw new Problem('second_operator_required')
    case 'stale':
      throw new Problem('proposal_stale', { detail: STALE[result.cause] })
  }
}
