import type { Hono } from 'hono'
import * as z from 'zod'
import { Problem } from './problem.ts'
import { type BodyLimits, readJson } from './request.ts'
import { validate } from './schema.ts'

/** What operators do with the lender's appetite for risk, and what the portfolio tells of its loans. */
export interface AdminCredit {
  /** The posture that stands, who holds it, and the latest changes with their reasons. */
  appetite(): object
  /** False when somebody else did at the same moment. */
  setAppetite(order: {
    readonly posture: 'expansion' | 'neutral' | 'contraction'
    readonly actor: string
    readonly reason: string
    readonly hours: number
  }): Promise<boolean>
  /** What became of loans: what was predicted, and whether they went bad. False for a route without a scorecard in use. */
  matured(route: string, outcomes: readonly { readonly pd: number; readonly bad: boolean }[]): boolean
}

const HOURS_MAX = 30 * 24
const OUTCOMES_MAX = 500

const appetiteSchema = z.strictObject({
  posture: z.enum(['expansion', 'neutral', 'contraction']),
  actor: z.string().min(1).max(128),
  reason: z.string().min(3).max(500),
  hours: z.int().min(1).max(HOURS_MAX),
})

const maturedSchema = z.strictObject({
  outcomes: z
    .array(z.strictObject({ pd: z.number().min(0).max(1), bad: z.boolean() }))
    .min(1)
    .max(OUTCOMES_MAX),
})

/** Mounts the endpoints about credit on the operators' listener. */
export function addCredit(app: Hono, credit: AdminCredit, limits: () => BodyLimits): void {
  app.get('/admin/v1/credit/appetite', context => context.json(credit.appetite()))
  app.put('/admin/v1/credit/appetite', async context => {
    const { value } = await readJson(context, limits())
    if (!(await credit.setAppetite(validate(appetiteSchema, value)))) throw new Problem('state_conflict')
    return context.json(credit.appetite())
  })
  app.post('/admin/v1/routes/:id/credit-outcomes', async context => {
    const { value } = await readJson(context, limits())
    const { outcomes } = validate(maturedSchema, value)
    if (!credit.matured(context.req.param('id'), outcomes)) throw new Problem('not_found')
    return context.json({ counted: outcomes.length }, 201)
  })
}
