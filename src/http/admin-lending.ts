import type { Context, Hono } from 'hono'
import * as z from 'zod'
import type { FundMovement } from '../ports/journal.ts'
import { Problem } from './problem.ts'
import { type BodyLimits, readJson } from './request.ts'
import { validate } from './schema.ts'

/** What operators and treasury systems do with the money that credit routes lend. */
export interface AdminPools {
  views(): readonly { readonly id: string }[]
  /** Exactly once by the movement's id. `unknown`: no such pool or source. */
  move(movement: Omit<FundMovement, 'at'>): Promise<'applied' | 'duplicate' | 'refused' | 'unknown'>
  /** Replaces what is told of a pool beyond its ledger. */
  tell(pool: string, facts: object): Promise<boolean>
}

const VALUE_MAX = 10_000_000_000_000

const movementSchema = z.strictObject({
  id: z.string().min(1).max(128),
  source: z.string().min(1).max(48),
  kind: z.enum(['repayment', 'drawdown', 'cap_change']),
  value: z.int().min(0).max(VALUE_MAX),
})

const amount = z.int().min(0).max(VALUE_MAX)
const bySource = <T extends z.ZodType>(of: T) =>
  z.record(z.string().min(1).max(48), of).refine(all => Object.keys(all).length <= 20, 'at most 20 sources')
const share = z.number().min(0).max(1_000)
const change = z.number().min(-10).max(1_000)

/** Early-warning indicators that only the treasury or the portfolio knows. */
const indicatorsSchema = z.strictObject({
  inflow30d: z.int().min(0).max(VALUE_MAX).exactOptional(),
  nonStandardLeverage: share.exactOptional(),
  standardLeverage: share.exactOptional(),
  jointOfTier1: share.exactOptional(),
  nplOfTrigger: share.exactOptional(),
  idleCashShare: share.exactOptional(),
  rollRateChange: change.exactOptional(),
  firstPaymentDefaultChange: change.exactOptional(),
  fundingCostChangeBps: z.number().min(-100_000).max(100_000).exactOptional(),
  drawdownFailureRatio: share.exactOptional(),
  balance: z
    .strictObject({
      netAssets: amount.exactOptional(),
      nonStandardDebt: amount.exactOptional(),
      standardDebt: amount.exactOptional(),
      tier1: bySource(amount).exactOptional(),
      nplBps: bySource(z.int().min(0).max(10_000)).exactOptional(),
    })
    .exactOptional(),
  promotions: z
    .array(z.strictObject({ fromHour: z.int(), toHour: z.int(), multiplier: z.number().min(0).max(1_000) }))
    .max(50)
    .exactOptional(),
})

/** Mounts the endpoints about funding pools on the operators' listener. */
export function addPools(app: Hono, pools: AdminPools, limits: () => BodyLimits): void {
  const known = (context: Context): string => {
    const id = context.req.param('id') ?? ''
    if (!pools.views().some(view => view.id === id)) throw new Problem('not_found')
    return id
  }
  app.get('/admin/v1/pools', context => context.json({ pools: pools.views() }))
  app.post('/admin/v1/pools/:id/movements', async context => {
    const pool = known(context)
    const { value } = await readJson(context, limits())
    const movement = validate(movementSchema, value)
    if (movement.kind !== 'cap_change' && movement.value === 0) {
      throw new Problem('invalid_request', { errors: [{ pointer: '/value', message: 'must be at least 1' }] })
    }
    switch (await pools.move({ ...movement, pool })) {
      case 'applied':
        return context.json({ result: 'applied' }, 201)
      case 'duplicate':
        return context.json({ result: 'duplicate' }, 200)
      case 'refused':
        throw new Problem('state_conflict', {
          detail: 'More than what is out cannot be repaid, and more than what is left cannot be drawn.',
        })
      case 'unknown':
        throw new Problem('invalid_request', {
          errors: [{ pointer: '/source', message: 'must be a source of the pool' }],
        })
    }
  })
  app.put('/admin/v1/pools/:id/indicators', async context => {
    const pool = known(context)
    const { value } = await readJson(context, limits())
    const facts = validate(indicatorsSchema, value)
    if (!(await pools.tell(pool, facts))) throw new Problem('state_conflict')
    return context.json({ pool, indicators: facts })
  })
}

/** Runs a stress scenario apart from the payments. Never rejects. */
export type Stress = (job: {
  readonly scenario: string
  readonly seed: number
}) => Promise<
  { readonly ok: true; readonly report: object } | { readonly ok: false; readonly problem: string }
>

const stressSchema = z.strictObject({
  scenario: z.string().min(1).max(65_536),
  seed: z.int().min(0).max(999_999_999).default(1),
})

/** Mounts the endpoint for stress tests: one at a time, bounded by the scenario's own limits. */
export function addStress(app: Hono, stress: Stress, limits: () => BodyLimits): void {
  let running = false
  app.post('/admin/v1/stress', async context => {
    const { value } = await readJson(context, limits())
    const job = validate(stressSchema, value)
    if (running) throw new Problem('too_many_requests', { retryAfterSeconds: 10 })
    running = true
    try {
      const answer = await stress(job)
      if (answer.ok) return context.json(answer.report)
      const errors = [{ pointer: '/scenario', message: answer.problem }]
      throw new Problem('invalid_request', { errors })
    } finally {
      running = false
    }
  })
}
