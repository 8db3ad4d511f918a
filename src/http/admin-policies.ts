import type { Context, Hono } from 'hono'
import * as z from 'zod'
import type { Decision, DecisionPolicy } from '../core/decision.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import { Problem } from './problem.ts'
import { type BodyLimits, readJson } from './request.ts'
import { validate, validateContext } from './schema.ts'

type Outcome<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'refused'; readonly problems: readonly string[] }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'conflict' }

/** Versions of the policy, as operators handle them. */
export interface AdminPolicies {
  list(): Promise<object>
  show(version: number): Promise<Outcome<object>>
  propose(policy: unknown, author: string, note: string): Promise<Outcome<object>>
  activate(version: number, author: string): Promise<Outcome<object>>
  rollback(author: string): Promise<Outcome<object>>
  policyFor(tenant: string, given: { policy?: unknown; version?: number }): Promise<Outcome<DecisionPolicy>>
  /** What the running policy decides for a payment now, and what another would: neither acts or is recorded. */
  compare(
    tenant: string,
    context: PaymentContext,
    policy: DecisionPolicy,
  ): Promise<{ readonly running: Decision; readonly other: Decision }>
  hasTenant(tenant: string): boolean
  /** How the experiments stand. */
  experiments(): object[]
}

const author = z.string().min(1).max(100)
const version = z.int().min(1).max(1_000_000)
const proposeSchema = z.strictObject({
  author,
  note: z.string().max(500).default(''),
  policy: z.looseObject({}),
})
const activateSchema = z.strictObject({ author, version })
const rollbackSchema = z.strictObject({ author })
const dryRunSchema = z.strictObject({
  tenant: z.string().min(1).max(48),
  context: z.looseObject({}),
  policy: z.looseObject({}).exactOptional(),
  version: version.exactOptional(),
})

/** Mounts the endpoints about policies on the operators' listener. */
export function addPolicies(app: Hono, policies: AdminPolicies, limits: () => BodyLimits): void {
  app.get('/admin/v1/policies', async context => context.json(await policies.list()))
  app.get('/admin/v1/policies/:version', async context => {
    const asked = version.safeParse(Number(context.req.param('version')))
    if (!asked.success) throw new Problem('not_found')
    return context.json(done(await policies.show(asked.data)))
  })
  app.post('/admin/v1/policies', async context => {
    const { policy, author: by, note } = await bodyOf(context, limits, proposeSchema)
    return context.json(done(await policies.propose(policy, by, note)), 201)
  })
  app.post('/admin/v1/policies/activate', async context => {
    const body = await bodyOf(context, limits, activateSchema)
    return context.json(done(await policies.activate(body.version, body.author)))
  })
  app.post('/admin/v1/policies/rollback', async context => {
    const body = await bodyOf(context, limits, rollbackSchema)
    return context.json(done(await policies.rollback(body.author)))
  })
  app.post('/admin/v1/policies/dry-run', context => dryRun(policies, context, limits))
  app.get('/admin/v1/experiments', context => context.json({ experiments: policies.experiments() }))
}

async function dryRun(
  policies: AdminPolicies,
  context: Context,
  limits: () => BodyLimits,
): Promise<Response> {
  const { tenant, context: payment, policy, version: kept } = await bodyOf(context, limits, dryRunSchema)
  if (!policies.hasTenant(tenant)) throw new Problem('not_found')
  if ((policy === undefined) === (kept === undefined)) {
    throw new Problem('invalid_request', {
      errors: [{ pointer: '', message: 'needs either policy or version' }],
    })
  }
  const given = kept === undefined ? { policy } : { version: kept }
  const other = done(await policies.policyFor(tenant, given))
  const compared = await policies.compare(tenant, validateContext(payment), other)
  return context.json({ running: told(compared.running), other: told(compared.other) })
}

function told({ policyVersion, cascade, candidates, propensity }: Decision): object {
  return {
    policyVersion,
    cascade,
    propensity,
    candidates: candidates.map(({ route, eligible, reasons, value }) => ({
      route,
      eligible,
      reasons,
      value,
    })),
  }
}

async function bodyOf<T>(context: Context, limits: () => BodyLimits, schema: z.ZodType<T>): Promise<T> {
  return validate(schema, (await readJson(context, limits())).value)
}

function done<T>(outcome: Outcome<T>): T {
  switch (outcome.kind) {
    case 'done':
      return outcome.value
    case 'not_found':
      throw new Problem('not_found')
    case 'conflict':
      throw new Problem('state_conflict', { detail: 'Somebody else was quicker; look again.' })
    case 'refused': {
      const errors = outcome.problems.map(message => ({ pointer: '/policy', message }))
      throw new Problem('invalid_request', { detail: 'The running policy stays.', errors })
    }
  }
}
