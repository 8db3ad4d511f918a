import { waitUntil } from 'cloudflare:workers'
import { systemClock } from '../adapters/system/clock.ts'
import { systemRandom } from '../adapters/system/random.ts'
import { ConsoleLog } from '../adapters/telemetry/console-log.ts'
import { createApp } from '../http/app.ts'
import { bundledConfig } from './bundled-config.ts'
import { EdgeConfigRefused, type EdgeConfig, readEdgeConfig } from './edge-config.ts'
import { RemoteService } from './remote-service.ts'
import { sameToken } from './same-token.ts'
import { type ObjectBindings, States } from './states.ts'

export { Directory } from './directory.ts'
export { StateCore } from './state-core.ts'
export { Treasury } from './treasury.ts'

type Bindings = ObjectBindings & Readonly<Record<string, unknown>>

type Handler = (request: Request) => Promise<Response>

/** Built by the first request of an isolate. A build in flight is not shared: no request may wait for another's work. */
let handler: Handler | undefined

export default {
  async fetch(request: Request, env: Bindings): Promise<Response> {
    handler ??= await build(env)
    const handled = handler(request)
    // A client that goes away must stop neither a payment nor the count of requests in flight.
    waitUntil(handled.catch(() => undefined))
    return handled
  },
}

async function build(env: Bindings): Promise<Handler> {
  const clock = systemClock
  try {
    const config = await readEdgeConfig(env, bundledConfig, clock)
    return gatewayHandler(config, env)
  } catch (error) {
    if (!(error instanceof EdgeConfigRefused)) throw error
    // oxlint-disable-next-line no-console -- Workers have no other output
    console.error(`The gateway does not start:\n${error.message}`)
    return () =>
      Promise.resolve(problem(503, 'not_configured', 'The configuration cannot be used; see the log'))
  }
}

function gatewayHandler(config: EdgeConfig, env: Bindings): Handler {
  const clock = systemClock
  const { generation, shards, logLevel } = config
  const states = new States(env, shards)
  const app = createApp({
    service: new RemoteService({
      runtime: generation.runtime,
      states,
      shards,
      clock,
      random: systemRandom(),
      telemetry: new ConsoleLog({ clock, level: logLevel }),
      keep: waitUntil,
    }),
    keys: () => generation.keys,
    settings: () => generation.config.server,
    monotonic: () => systemClock.monotonic(),
    ready: () => true,
    proxy: { checkouts: () => generation.checkouts },
    background: waitUntil,
  })
  return async request => {
    // Two Host headers, for one, come here as an address that is none.
    if (!URL.canParse(request.url)) return problem(400, 'invalid_request', 'The address cannot be read')
    const { pathname } = new URL(request.url)
    const operators = pathname === '/metrics' || pathname.startsWith('/admin/')
    // Without the token these paths do not exist, as on the public listener of Node.
    return operators && isOperator(config, request) ? administer(config, states, request) : app.fetch(request)
  }
}

function isOperator({ adminToken, generation }: EdgeConfig, request: Request): boolean {
  const header = request.headers.get('authorization') ?? undefined
  const known = adminToken !== undefined && sameToken(header, adminToken)
  return known || generation.operators.nameOf(header) !== undefined
}

/** Each shard answers operators for itself: `?tenant=` and `?shard=`, the first by default. */
async function administer(
  { generation, shards }: EdgeConfig,
  states: States,
  request: Request,
): Promise<Response> {
  const { searchParams } = new URL(request.url)
  const tenant = searchParams.get('tenant') ?? [...generation.runtime.tenants.keys()][0] ?? ''
  const shard = Number(searchParams.get('shard') ?? 0)
  if (!generation.runtime.tenants.has(tenant) || !shards.all().includes(shard)) {
    return problem(404, 'not_found', 'No such tenant or shard')
  }
  return states.object(tenant, shard).fetch(request)
}

function problem(status: number, code: string, title: string): Response {
  const body = { type: `/docs#${code}`, title, status, code }
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  })
}
