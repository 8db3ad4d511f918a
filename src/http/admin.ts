import { type Context, Hono } from 'hono'
import * as z from 'zod'
import type { Breaker } from '../ports/breaker.ts'
import type { Clock } from '../ports/clock.ts'
import { JournalUnavailable } from '../ports/journal.ts'
import type { Runtime } from '../gateway/runtime.ts'
import { addCredit, type AdminCredit } from './admin-credit.ts'
import { type AdminPools, addPools, addStress, type Stress } from './admin-lending.ts'
import { addDecisions } from './admin-decisions.ts'
import { type AdminPayments, addPayments } from './admin-payments.ts'
import { type AdminPolicies, addPolicies } from './admin-policies.ts'
import { addRecovery, type AdminRecovery } from './admin-recovery.ts'
import { type AdminWebhooks, addWebhooks } from './admin-webhooks.ts'
import { Problem, problemResponse } from './problem.ts'
import { type BodyLimits, readJson } from './request.ts'
import { validate } from './schema.ts'

export interface AdminDeps {
  readonly runtime: () => Runtime
  readonly breaker: Breaker
  readonly clock: Clock
  readonly limits: () => BodyLimits
  /** Prometheus text of every metric. */
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
  readonly config: AdminConfig
  readonly payments: AdminPayments
  /** Copies the embedded journal and names the file; absent where there is none. */
  readonly backup?: () => Promise<string>
  /** Steps of a recovery after a restore. */
  readonly recovery: AdminRecovery
  /** Funding pools; absent where the gateway lends nothing. */
  readonly pools?: AdminPools
  /** Appetite for risk and outcomes of loans; absent where the gateway lends nothing. */
  readonly credit?: AdminCredit
  /** Absent where there is no simulator to run one. */
  readonly stress?: Stress | undefined
  /** Versions of the policy; absent where another process keeps them. */
  readonly policies?: AdminPolicies
  /** Events to tenants; absent where another process sends them. */
  readonly webhooks?: AdminWebhooks
  /** Bearer token, demanded when set; without one the listener must be on loopback. */
  readonly authorized: (header: string | undefined) => boolean
  /** A problem that is nobody's fault here, reported to logs. */
  readonly fault: (error: unknown) => void
}

/** What replacing the configuration comes to. */
type Applied =
  | { readonly ok: true; readonly version: string; readonly changes: readonly object[] }
  | { readonly ok: false; readonly problems: readonly string[] }

/** The configuration as operators replace it. Neither method rejects. */
interface AdminConfig {
  preview(text: string, file: string): Promise<Applied>
  apply(text: string, file: string): Promise<Applied>
}

const CONFIG_CHARACTERS_MAX = 1_000_000

const HOLD_SECONDS_MAX = 7 * 86_400

const forceSchema = z.strictObject({
  state: z.enum(['open', 'closed', 'auto']),
  reason: z.string().min(3).max(200),
  seconds: z.int().min(1).max(HOLD_SECONDS_MAX).default(900),
})

/** The operators' listener. Everything on it is for people inside. */
export function createAdminApp(deps: AdminDeps): Hono {
  const app = new Hono()
  app.get('/livez', context => context.json({ status: 'live' }))
  app.use(async (context, next) => {
    if (!deps.authorized(context.req.header('authorization'))) return problemResponse(context, 'unauthorized')
    await next()
    return undefined
  })
  app.get('/metrics', async context => {
    const { contentType, text } = await deps.metrics()
    return context.body(text, 200, { 'content-type': contentType })
  })
  app.get('/admin/v1/routes', context => context.json({ routes: routeViews(deps) }))
  app.post('/admin/v1/routes/:id/breaker', async context => forceBreaker(deps, context))
  app.get('/admin/v1/config', context => context.json({ version: deps.runtime().version }))
  app.put('/admin/v1/config', context => replaceConfig(deps, context))
  const { backup } = deps
  if (backup !== undefined) {
    app.post('/admin/v1/backup', async context => context.json({ file: await backup() }, 201))
  }
  addPayments(app, deps.payments, deps.limits)
  addDecisions(app, deps.payments)
  addRecovery(app, deps.recovery, deps.limits)
  if (deps.pools !== undefined) addPools(app, deps.pools, deps.limits)
  if (deps.credit !== undefined) addCredit(app, deps.credit, deps.limits)
  if (deps.stress !== undefined) addStress(app, deps.stress, deps.limits)
  if (deps.policies !== undefined) addPolicies(app, deps.policies, deps.limits)
  if (deps.webhooks !== undefined) addWebhooks(app, deps.webhooks, deps.limits)
  app.notFound(context => problemResponse(context, 'not_found'))
  app.onError((error, context) => {
    if (error instanceof Problem) return problemResponse(context, error.code, error.details)
    deps.fault(error)
    if (error instanceof JournalUnavailable) {
      return problemResponse(context, 'journal_unavailable', { retryAfterSeconds: 2 })
    }
    return problemResponse(context, 'internal_error')
  })
  return app
}

/**
 * Takes a whole configuration as YAML. With `?dryRun=true` it only tells what would change. A configuration with a
 * mistake changes nothing and is answered with every mistake and its place.
 */
async function replaceConfig({ config }: AdminDeps, context: Context): Promise<Response> {
  const text = await context.req.text()
  if (text.length > CONFIG_CHARACTERS_MAX) throw new Problem('body_too_large')
  const dryRun = context.req.query('dryRun') === 'true'
  const applied = await (dryRun ? config.preview(text, 'request') : config.apply(text, 'request'))
  if (!applied.ok) {
    const errors = applied.problems.map(message => ({ pointer: '', message }))
    throw new Problem('invalid_request', { detail: 'The configuration was not applied.', errors })
  }
  return context.json({ version: applied.version, applied: !dryRun, changes: applied.changes })
}

function routeViews({ runtime, breaker }: AdminDeps): object[] {
  const views = new Map(breaker.views().map(view => [view.route, view]))
  return [...runtime().routes.values()].map(({ route }) => {
    const view = views.get(route.id)
    return {
      id: route.id,
      tender: route.tender,
      enabled: route.enabled,
      ...(route.disabledReason === undefined ? {} : { disabledReason: route.disabledReason }),
      breaker: {
        state: breaker.state(route.id),
        ...(view === undefined ? {} : { since: new Date(view.since).toISOString() }),
        ...(view?.forced === undefined
          ? {}
          : { forced: { ...view.forced, until: new Date(view.forced.until).toISOString() } }),
      },
    }
  })
}

async function forceBreaker(deps: AdminDeps, context: Context): Promise<Response> {
  const id = context.req.param('id') ?? ''
  if (!deps.runtime().routes.has(id)) throw new Problem('not_found')
  const body = await readJson(context, deps.limits())
  const { state, reason, seconds } = validate(forceSchema, body.value)
  deps.breaker.force(id, state, reason, deps.clock.now() + seconds * 1_000)
  return context.json({ routes: routeViews(deps).filter(view => (view as { id: string }).id === id) })
}
