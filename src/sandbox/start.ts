import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { controlApi, type SandboxedRoute } from './control-api.ts'
import { CreditBook } from './credit-book.ts'
import { dialsSchema, type DialsInput } from './dials.ts'
import { Ledger } from './ledger.ts'
import { Notifier } from './notifier.ts'
import { SANDBOX_ROUTES, type SandboxRoute } from './protocol.ts'
import { RouteServer } from './route-server.ts'
import { Timers } from './timers.ts'
import { Upstream } from './upstream.ts'

export interface SandboxOptions {
  /**
   * The first of seven ports in a row - the routes in the order of `SANDBOX_ROUTES`, then the control API -, or 0 for
   * free ones, or all seven. 7001 when absent.
   */
  readonly ports?: number | readonly number[]
  /** Keeps the ledger in this file as JSON lines, synced record by record, and answers for what it already holds. */
  readonly ledgerFile?: string
  /** Base URL of the gateway that notifications go to; can be set later. */
  readonly gatewayUrl?: string
  /** Signing secrets of notifications (base64, `whsec_` optional). A route without one sends none. */
  readonly notificationSecrets?: Partial<Record<SandboxRoute, string>>
  /** Bearer tokens that callers of a route must show. */
  readonly tokens?: Partial<Record<SandboxRoute, string>>
  readonly dials?: Partial<Record<SandboxRoute, DialsInput>>
  /** Bounds of memory; the oldest are forgotten. Per route, 100,000 by default. */
  readonly paymentsMax?: number
  /** Over all routes, 500,000 by default. */
  readonly ledgerRecordsMax?: number
}

export interface Sandbox {
  readonly routes: readonly { readonly id: SandboxRoute; readonly baseUrl: string }[]
  /** Base URL of the control API. */
  readonly control: string
  /** Where notifications go from now on. */
  setGateway(url: string): void
  close(): Promise<void>
}

const host = '127.0.0.1'
const payersMax = 100_000

/** Starts six upstreams and their control API on loopback. */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const timers = new Timers()
  const ledger = new Ledger(options.ledgerRecordsMax ?? 500_000, options.ledgerFile)
  const credit = new CreditBook(payersMax)
  const notifier = new Notifier(timers, options.notificationSecrets ?? {}, options.gatewayUrl)
  const routes = new Map<SandboxRoute, SandboxedRoute>()
  for (const id of SANDBOX_ROUTES) {
    routes.set(id, routeOf(id, options, { timers, ledger, credit, notifier }))
  }
  const reset = async () => {
    ledger.clear()
    timers.clear()
    credit.clear()
    for (const route of routes.values()) {
      route.upstream.clear()
      route.server.clearCounts()
      route.dials = dialsSchema.parse(options.dials?.[route.id] ?? {})
      if (route.dials.outage !== 'refuse') await route.server.listen()
    }
  }
  const app = controlApi({ routes, ledger, credit, notifier, reset })
  const control = createAdaptorServer({ fetch: app.fetch })
  const close = async () => {
    timers.clear()
    await Promise.all([...routes.values()].map(route => route.server.close()))
    if (control.listening) {
      control.close()
      if ('closeAllConnections' in control) control.closeAllConnections()
      await once(control, 'close')
    }
    ledger.close()
  }
  try {
    await listen(routes, control, portsOf(options.ports))
  } catch (error) {
    await close()
    throw error
  }
  const { port } = control.address() as AddressInfo
  return {
    routes: [...routes.values()].map(({ id, server }) => ({ id, baseUrl: server.baseUrl })),
    control: `http://${host}:${port}`,
    setGateway: url => {
      notifier.gatewayUrl = url
    },
    close,
  }
}

interface Shared {
  readonly timers: Timers
  readonly ledger: Ledger
  readonly credit: CreditBook
  readonly notifier: Notifier
}

function routeOf(id: SandboxRoute, options: SandboxOptions, shared: Shared): SandboxedRoute {
  const { timers, ledger, credit, notifier } = shared
  const dials = () => route.dials
  const upstream = new Upstream({
    route: id,
    ledger,
    credit,
    timers,
    paymentsMax: options.paymentsMax ?? 100_000,
    dials,
    actionUrl: reference => `${route.server.baseUrl}/redirect/${reference}`,
    notify: (payment, told) => {
      const early = payment.behaviour?.notifications === 'early'
      notifier.notify(id, payment, early ? 0 : route.dials.notificationDelayMs, told)
    },
  })
  const server = new RouteServer({
    route: id,
    upstream,
    credit,
    timers,
    dials,
    token: options.tokens?.[id],
    host,
  })
  const route: SandboxedRoute = {
    id,
    upstream,
    server,
    dials: dialsSchema.parse(options.dials?.[id] ?? {}),
  }
  return route
}

function portsOf(ports: number | readonly number[] = 7_001): number[] {
  const count = SANDBOX_ROUTES.length + 1
  if (typeof ports === 'number')
    return Array.from({ length: count }, (_, index) => (ports === 0 ? 0 : ports + index))
  if (ports.length !== count)
    throw new RangeError(`The sandbox needs one port or ${count}, not ${ports.length}.`)
  return [...ports]
}

async function listen(
  routes: ReadonlyMap<SandboxRoute, SandboxedRoute>,
  control: ReturnType<typeof createAdaptorServer>,
  ports: number[],
): Promise<void> {
  for (const route of routes.values()) {
    await route.server.listen(ports.shift())
    if (route.dials.outage === 'refuse') await route.server.close()
  }
  control.listen(ports.shift(), host)
  await once(control, 'listening')
}
