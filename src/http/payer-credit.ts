import * as z from 'zod'
import { isoDateAt } from '../core/credit/calendar.ts'
import type { Bill } from '../core/credit/notice-round.ts'
import { explainReasons } from '../core/explain/explain.ts'
import { labelOf, negotiateLocale } from '../core/explain/locale.ts'
import { creditNotice } from '../core/explain/rights.ts'
import type { BillCommand, BillReply } from '../gateway/bills.ts'
import type { LineView } from '../gateway/line-view.ts'
import type { LineCommand, LineReply } from '../gateway/payer-credit.ts'
import type { RouteRuntime } from '../gateway/runtime.ts'
import { answerJson, replayedHeader } from './answer.ts'
import type { ApiContext, Endpoint, HttpDeps } from './endpoint.ts'
import type { Caller } from './auth.ts'
import { CREDIT_DOCS } from './credit-docs.ts'
import { Problem } from './problem.ts'
import { fingerprint, idempotencyKey, readJson } from './request.ts'
import { validate } from './schema.ts'
import {
  billSchema,
  caseSchema,
  contactSchema,
  limitSchema,
  preferenceSchema,
  routeSchema,
} from './schema-credit.ts'

/** Payers' credit lines and bills, for the lender's own systems. */
export function registerPayerCredit(deps: HttpDeps): Endpoint[] {
  const scope = 'credit' as const
  return [
    {
      method: 'GET',
      path: '/v1/payers/:id/credit',
      scope,
      doc: CREDIT_DOCS.getLine,
      handle: async (context, caller) => {
        const who = { tenant: caller.tenant, payer: payerOf(context), route: routeOf(context) }
        const reply = await deps.service.creditLine(who)
        return answerJson(context, presentLine(who.payer, lineOf(reply).view))
      },
    },
    {
      method: 'POST',
      path: '/v1/payers/:id/credit/limit',
      scope,
      doc: CREDIT_DOCS.postLimit,
      handle: (context, caller) =>
        change(deps, context, caller, limitSchema, ({ limit }) => ({ kind: 'limit', limit })),
    },
    {
      method: 'POST',
      path: '/v1/payers/:id/credit/freeze',
      scope,
      doc: CREDIT_DOCS.postFreeze,
      handle: (context, caller) => change(deps, context, caller, routeSchema, () => ({ kind: 'freeze' })),
    },
    {
      method: 'POST',
      path: '/v1/payers/:id/credit/unfreeze',
      scope,
      doc: CREDIT_DOCS.postUnfreeze,
      handle: (context, caller) => change(deps, context, caller, routeSchema, () => ({ kind: 'unfreeze' })),
    },
    ...billEndpoints(deps),
  ]
}

function billEndpoints(deps: HttpDeps): Endpoint[] {
  const scope = 'credit' as const
  return [
    {
      method: 'PUT',
      path: '/v1/payers/:id/contact-preference',
      scope,
      doc: CREDIT_DOCS.putPreference,
      handle: async (context, caller) => {
        const { route, ...preference } = await bodyOf(deps, context, preferenceSchema)
        await tell(deps, context, caller, { kind: 'preference', route, preference })
        return answerJson(context, { route, ...preference })
      },
    },
    {
      method: 'GET',
      path: '/v1/payers/:id/bills',
      scope,
      doc: CREDIT_DOCS.getBills,
      handle: async (context, caller) => {
        const reply = await tell(deps, context, caller, { kind: 'bills', route: routeOf(context) })
        const bills = reply.kind === 'bills' ? Object.entries(reply.bills) : []
        return answerJson(context, { bills: bills.map(([id, bill]) => presentBill(id, bill)) })
      },
    },
    {
      method: 'PUT',
      path: '/v1/payers/:id/bills/:bill',
      scope,
      doc: CREDIT_DOCS.putBill,
      handle: async (context, caller) => {
        const told = await bodyOf(deps, context, billSchema)
        const bill = idOf(context, 'bill')
        return presentReply(context, await tell(deps, context, caller, { kind: 'bill', bill, ...told }))
      },
    },
    {
      method: 'POST',
      path: '/v1/payers/:id/bills/:bill/events',
      scope,
      doc: CREDIT_DOCS.postCase,
      handle: async (context, caller) => {
        const { route, ...event } = await bodyOf(deps, context, caseSchema)
        const bill = idOf(context, 'bill')
        return presentReply(context, await tell(deps, context, caller, { kind: 'case', route, bill, event }))
      },
    },
    {
      method: 'POST',
      path: '/v1/payers/:id/contacts',
      scope,
      doc: CREDIT_DOCS.postContact,
      handle: (context, caller) => contact(deps, context, caller),
    },
    {
      method: 'GET',
      path: '/v1/payers/:id/contacts',
      scope,
      doc: CREDIT_DOCS.getContacts,
      handle: (context, caller) => contacts(deps, context, caller),
    },
  ]
}

const daySchema = z.strictObject({ day: z.iso.date({ error: 'must be a date YYYY-MM-DD' }) })

async function change<T extends { readonly route: string }>(
  deps: HttpDeps,
  context: ApiContext,
  caller: Caller,
  schema: z.ZodType<T>,
  changeOf: (body: T) => LineCommand['change'],
): Promise<Response> {
  const key = idempotencyKey(context)
  const body = await readJson(context, deps.settings())
  const asked = validate(schema, body.value)
  const payer = payerOf(context)
  const reply = lineOf(
    await deps.service.changeCreditLine({
      tenant: caller.tenant,
      payer,
      route: asked.route,
      change: changeOf(asked),
      key: { key, fingerprint: fingerprint('POST', context.req.path, body.text) },
    }),
  )
  const told = presentChange(deps, context, caller, payer, reply)
  return answerJson(context, told, 200, replayedHeader(reply.replayed))
}

type Line = Extract<LineReply, { kind: 'line' }>

function lineOf(reply: LineReply): Line {
  if (reply.kind === 'not_found') throw new Problem('not_found')
  if (reply.kind === 'line') return reply
  throw new Problem(reply.code, reply.code === 'facts_unavailable' ? { retryAfterSeconds: 5 } : {})
}

/** Reasons are told to keys that may read them; a refusal always names the lender and the way to a person. */
function presentChange(
  { service }: HttpDeps,
  context: ApiContext,
  caller: Caller,
  payer: string,
  { view, outcome }: Line,
): object {
  const { outcome: kind, reasons = [], reviewAtMs, humanReview } = outcome ?? { outcome: 'unchanged' }
  const known = service.runtime().routes.get(view.route) as RouteRuntime
  const locale = negotiateLocale(undefined, context.req.header('accept-language'))
  const worded = explainReasons(reasons, {
    reader: 'shopper',
    creditReasons: reasons.length > 0 && context.get('disclosure').tellsReasons(caller, payer),
    locale,
    tender: labelOf(known.route, locale),
  })
  const today = isoDateAt(view.asOf, known.offer?.utcOffsetMinutes ?? 480)
  return {
    outcome: kind,
    reasons: worded,
    ...(reviewAtMs === undefined ? {} : { reviewAt: new Date(reviewAtMs).toISOString() }),
    ...(humanReview === true
      ? { credit: creditNotice(view.lender, today, known.offer?.reviewContact, locale) }
      : {}),
    line: presentLine(payer, view),
  }
}

function presentLine(payer: string, { frozen, asOf: _at, ...view }: LineView): object {
  const held = frozen === null ? null : { by: frozen.by, since: new Date(frozen.sinceMs).toISOString() }
  return { payer, ...view, frozen: held }
}

async function contact(deps: HttpDeps, context: ApiContext, caller: Caller): Promise<Response> {
  const key = idempotencyKey(context)
  const { route, ...asked } = await bodyOf(deps, context, contactSchema)
  const reply = await tell(deps, context, caller, { kind: 'contact', route, contact: asked, key })
  if (reply.kind !== 'contact') throw new Problem('not_found')
  const { entry, notBeforeMs } = reply
  const allowed = entry.outcome !== 'refused'
  const answer = {
    allowed,
    ...(entry.refusal === null ? {} : { refusal: entry.refusal }),
    ...(notBeforeMs === undefined ? {} : { notBefore: new Date(notBeforeMs).toISOString() }),
    loggedAt: new Date(entry.atMs).toISOString(),
    retainUntil: entry.retainUntil,
  }
  return answerJson(context, answer, allowed ? 201 : 200)
}

async function contacts(deps: HttpDeps, context: ApiContext, caller: Caller): Promise<Response> {
  const given = context.req.query('day')
  const day = given === undefined ? {} : { day: validate(daySchema, { day: given }).day }
  const reply = await tell(deps, context, caller, { kind: 'contacts', route: routeOf(context), ...day })
  const logged = reply.kind === 'contacts' ? reply.contacts : []
  return answerJson(context, {
    contacts: logged.map(({ atMs, request: _request, dedupeKey: _key, payer: _payer, ...entry }) => ({
      at: new Date(atMs).toISOString(),
      ...entry,
    })),
  })
}

type Told = BillCommand extends infer Command
  ? Command extends BillCommand
    ? Omit<Command, 'tenant' | 'payer'>
    : never
  : never

async function tell(
  { service }: HttpDeps,
  context: ApiContext,
  caller: Caller,
  told: Told,
): Promise<BillReply> {
  const command = { tenant: caller.tenant, payer: payerOf(context), ...told } as BillCommand
  const reply = await service.bills(command)
  if (reply.kind === 'not_found') throw new Problem('not_found')
  if (reply.kind === 'refused') throw new Problem(reply.code)
  return reply
}

function presentReply(context: ApiContext, reply: BillReply): Response {
  if (reply.kind !== 'bill') throw new Problem('not_found')
  return answerJson(context, presentBill(reply.id, reply.bill))
}

function presentBill(id: string, { route, amount, dueDate, case: state }: Bill): object {
  const { kind, ...rest } = state
  const { sinceMs, ...details } = 'sinceMs' in rest ? rest : { ...rest, sinceMs: undefined }
  return {
    bill: id,
    route,
    amount,
    dueDate,
    state: kind,
    ...details,
    ...(sinceMs === undefined ? {} : { since: new Date(sinceMs).toISOString() }),
  }
}

async function bodyOf<T>(deps: HttpDeps, context: ApiContext, schema: z.ZodType<T>): Promise<T> {
  const { value } = await readJson(context, deps.settings())
  return validate(schema, value)
}

function payerOf(context: ApiContext): string {
  return idOf(context, 'id')
}

function idOf(context: ApiContext, name: 'id' | 'bill'): string {
  const id = context.req.param(name) ?? ''
  if (id.length > ID_MAX) throw new Problem('not_found')
  return id
}

const ID_MAX = 128

function routeOf(context: ApiContext): string {
  const route = context.req.query('route')
  if (route !== undefined && route.length > 0 && route.length <= 64) return route
  throw new Problem('invalid_request', { errors: [{ pointer: '/route', message: 'is required' }] })
}
