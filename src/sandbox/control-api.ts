import { Hono } from 'hono'
import * as z from 'zod'
import type { CreditBook } from './credit-book.ts'
import { type Dials, turned } from './dials.ts'
import type { Ledger } from './ledger.ts'
import { BEHAVIOURS } from './magic.ts'
import type { Notifier } from './notifier.ts'
import { SANDBOX_ROUTES, type SandboxRoute } from './protocol.ts'
import type { RouteServer } from './route-server.ts'
import type { Upstream } from './upstream.ts'

export interface SandboxedRoute {
  readonly id: SandboxRoute
  readonly upstream: Upstream
  readonly server: RouteServer
  dials: Dials
}

export interface ControlParts {
  readonly routes: ReadonlyMap<SandboxRoute, SandboxedRoute>
  readonly ledger: Ledger
  readonly credit: CreditBook
  readonly notifier: Notifier
  /** Back to the first state: no payments, dials as at the start. */
  readonly reset: () => Promise<void>
}

const ledgerQuery = z.object({
  route: z.enum(SANDBOX_ROUTES).optional(),
  reference: z.string().optional(),
  orderId: z.string().optional(),
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
})

const factsChange = z.strictObject({
  activated: z.boolean().optional(),
  frozen: z.boolean().optional(),
  availableCredit: z.int().optional(),
  daysPastDue: z.int().min(0).optional(),
  tier: z.string().max(64).optional(),
  restrictions: z.array(z.string().max(64)).max(20).optional(),
  creditLimit: z.int().min(0).optional(),
  monthlyIncome: z.int().min(0).optional(),
  monthlyObligations: z.int().min(0).optional(),
  existingCustomer: z.boolean().optional(),
  legal: z
    .strictObject({
      birthDate: z.iso.date().nullable(),
      isStudent: z.boolean().nullable(),
      identityVerified: z.boolean().nullable(),
    })
    .optional(),
  factors: z
    .array(
      z.strictObject({
        source: z.string().max(48),
        asOf: z.int().min(0).optional(),
        consent: z.boolean().optional(),
        values: z.record(z.string().max(64), z.union([z.number(), z.string().max(64), z.null()])),
      }),
    )
    .max(10)
    .optional(),
})

const completion = z.strictObject({ result: z.enum(['approved', 'declined', 'expired']) })
const gateway = z.strictObject({ url: z.url({ protocol: /^https?$/ }).nullable() })

/** The small JSON API that turns the dials and reads the ledger. For loopback only: it asks for no key. */
export function controlApi(parts: ControlParts): Hono {
  const app = new Hono()
  addReads(app, parts)
  addChanges(app, parts)
  app.notFound(c => c.json({ error: 'not_found' }, 404))
  app.onError((error, c) => c.json({ error: 'refused', message: error.message }, 400))
  return app
}

function addReads(app: Hono, { routes, ledger, notifier }: ControlParts): void {
  app.get('/', c => c.json({ routes: [...routes.values()].map(listing), behaviours: BEHAVIOURS }))

  app.get('/ledger', c => {
    const query = ledgerQuery.parse(c.req.query())
    const found = ledger.records.filter(
      record =>
        record.seq > query.after &&
        (query.route === undefined || record.route === query.route) &&
        (query.reference === undefined || record.reference === query.reference) &&
        (query.orderId === undefined || record.orderId === query.orderId),
    )
    const records = found.slice(0, query.limit)
    const next = found.length > records.length ? records.at(-1)?.seq : undefined
    return c.json({ records, next: next ?? null, dropped: ledger.dropped })
  })

  app.get('/ledger/summary', c =>
    c.json({
      totals: Object.fromEntries([...routes.keys()].map(id => [id, ledger.totals(id)])),
      ordersPaidTwice: ledger.ordersPaidTwice(),
      dropped: ledger.dropped,
    }),
  )

  app.get('/requests', c =>
    c.json(Object.fromEntries([...routes.values()].map(route => [route.id, trafficOf(route, notifier)]))),
  )

  app.get('/routes/:route', c => {
    const route = routes.get(c.req.param('route') as SandboxRoute)
    return route === undefined ? c.json({ error: 'not_found' }, 404) : c.json(listing(route))
  })
}

function addChanges(app: Hono, { routes, credit, notifier, reset }: ControlParts): void {
  const routeOf = (id: string) => routes.get(id as SandboxRoute)

  app.patch('/routes/:route/dials', async c => {
    const route = routeOf(c.req.param('route'))
    if (route === undefined) return c.json({ error: 'not_found' }, 404)
    route.dials = turned(route.dials, await c.req.json())
    // Only a listener that is gone refuses connections.
    await (route.dials.outage === 'refuse' ? route.server.close() : route.server.listen())
    return c.json(route.dials)
  })

  app.post('/routes/:route/payments/:reference/complete', async c => {
    const { result } = completion.parse(await c.req.json())
    const payment = routeOf(c.req.param('route'))?.upstream.complete(c.req.param('reference'), result)
    if (payment === undefined) return c.json({ error: 'not_found' }, 404)
    return c.json({ reference: payment.reference, state: payment.state })
  })

  app.post('/routes/:route/payments/:reference/notify', c => {
    const route = routeOf(c.req.param('route'))
    const payment = route?.upstream.find(c.req.param('reference'))
    if (route === undefined || payment === undefined) return c.json({ error: 'not_found' }, 404)
    notifier.notify(route.id, payment, 0)
    return c.json({ reference: payment.reference, state: payment.state })
  })

  app.patch('/payers/:payer', async c => {
    const payer = c.req.param('payer')
    const change = factsChange.parse(await c.req.json())
    credit.change(
      payer,
      Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
    )
    return c.json(credit.facts(payer))
  })

  app.put('/gateway', async c => {
    const { url } = gateway.parse(await c.req.json())
    notifier.gatewayUrl = url ?? undefined
    return c.json({ url })
  })

  app.post('/reset', async c => {
    await reset()
    return c.json({ reset: true })
  })
}

function listing({ id, server, dials }: SandboxedRoute) {
  return { id, baseUrl: server.baseUrl, dials }
}

function trafficOf({ id, server, upstream }: SandboxedRoute, notifier: Notifier) {
  const { replayed, conflicts } = upstream
  return { ...server.counts, replayed, conflicts, notifications: { ...notifier.counts(id) } }
}
