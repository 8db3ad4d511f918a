import type { Hono } from 'hono'
import * as z from 'zod'
import { recordedDecisions } from '../gateway/recorded.ts'
import type { AdminPayments } from './admin-payments.ts'
import { Problem } from './problem.ts'
import { validate } from './schema.ts'

const PAGE_MAX = 500

const instant = z.iso.datetime({ offset: true }).transform(text => Date.parse(text))
const pageSchema = z.strictObject({
  tenant: z.string().min(1).max(48),
  from: instant,
  to: instant,
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(200),
})

/** Mounts the reading of recorded decisions, with what was tried after them, for evaluation. */
export function addDecisions(app: Hono, payments: Pick<AdminPayments, 'gateway'>): void {
  app.get('/admin/v1/decisions', async context => {
    const { tenant, from, to, limit } = validate(pageSchema, context.req.query())
    const { gateway } = payments
    if (!gateway.runtime().tenants.has(tenant)) throw new Problem('not_found')
    const { decisions, next } = await recordedDecisions(gateway.ports.journal, tenant, from, to, limit)
    return context.json({
      decisions,
      ...(next === undefined ? {} : { next: new Date(next).toISOString() }),
    })
  })
}
