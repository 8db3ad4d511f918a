import { type Context, Hono } from 'hono'
import { ownHeaders, Steps } from './answer.ts'
import type { Scope, Caller, KeyRing } from './auth.ts'
import type { EndpointDoc } from './endpoint-docs.ts'
import { Disclosure } from './disclosure.ts'
import { docsPage } from './docs-page.ts'
import { openApiDocument } from './openapi.ts'
import { type ProblemCode, Problem, problemResponse } from './problem.ts'
import { type BodyLimits, demandScope, refuseAddress, requestIdOf } from './request.ts'
import { registerDecisions } from './decisions.ts'
import { registerExplanations } from './explanations.ts'
import { receiveNotification } from './notifications.ts'
import { registerOperations } from './operations.ts'
import { registerPayerCredit } from './payer-credit.ts'
import { registerPayments } from './payments.ts'
import { addProxy } from './proxy.ts'
import type { Checkouts } from './proxy-checkout.ts'
import { registerQuotes } from './quotes.ts'
import { SendsHeld } from '../gateway/recovery.ts'
import type { GatewayService } from '../gateway/service.ts'
import { JournalUnavailable } from '../ports/journal.ts'

export interface HttpSettings extends BodyLimits {
  /** Most requests at a time; more are refused before anything is written. */
  readonly inFlightMax: number
  /** How long a payment request waits for its outcome, ms. */
  readonly answerMsMax: number
}

/** What the API needs of the process around it. */
export interface HttpDeps {
  readonly service: GatewayService
  readonly keys: () => KeyRing
  readonly settings: () => HttpSettings
  /** Monotonic ms; spaces out how often something is told. */
  readonly monotonic: () => number
  /** Whether new work may come in: false while the process drains. */
  readonly ready: () => boolean
  /** Existing checkouts that are served as if by their upstream. */
  readonly proxy?: { readonly checkouts: () => Checkouts }
  /** Keeps work alive that outlives its request. */
  readonly background: (work: Promise<unknown>) => void
}

export interface Variables {
  caller: Caller
  requestId: string
  disclosure: Disclosure
  steps: Steps
  /** Whether the answer carries everything that answers have. */
  answered: boolean
}
export type Api = Hono<{ Variables: Variables }>
export type ApiContext = Context<{ Variables: Variables }>

/** Version of the API that the document describes. */
export const API_VERSION = '1.0.0'

/** A route of the API: what it needs is stated where it is registered, and nothing else is reachable. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly scope: Scope
  readonly doc: EndpointDoc
  readonly handle: (context: ApiContext, caller: Caller) => Promise<Response> | Response
}

/** Every endpoint of the API, mounted and documented from this one list. */
export function endpointsOf(deps: HttpDeps): Endpoint[] {
  return [
    ...registerQuotes(deps),
    ...registerDecisions(deps),
    ...registerExplanations(deps),
    ...registerPayments(deps),
    ...registerOperations(deps),
    ...registerPayerCredit(deps),
  ]
}

/** The public listener: the API and the health pages. */
export function createApp(deps: HttpDeps): Api {
  const app: Api = new Hono()
  const disclosure = new Disclosure(deps.monotonic)
  let inFlight = 0
  app.use(async (context, next) => {
    context.set('disclosure', disclosure)
    context.set('steps', new Steps(deps.monotonic))
    context.set(
      'requestId',
      requestIdOf(context, () => deps.service.newRequestId()),
    )
    if (inFlight >= deps.settings().inFlightMax) {
      return problemResponse(context, 'overloaded', { retryAfterSeconds: 1 })
    }
    inFlight++
    try {
      await next()
    } finally {
      inFlight--
    }
    if (context.get('answered') !== true)
      for (const [name, value] of Object.entries(ownHeaders(context))) context.res.headers.set(name, value)
    return undefined
  })
  app.get('/livez', context => context.json({ status: 'live' }))
  app.get('/readyz', context => {
    const ready = deps.ready()
    return context.json({ status: ready ? 'ready' : 'not_ready' }, ready ? 200 : 503)
  })
  app.post('/v1/notifications/:route', context => receiveNotification(deps, context))
  const endpoints = endpointsOf(deps)
  for (const endpoint of endpoints) mount(app, deps, endpoint)
  addDocs(app, endpoints)
  addProxy(app, deps)
  app.notFound(context => {
    const known = endpoints.some(({ path }) => matches(path, context.req.path))
    return problemResponse(context, known ? 'method_not_allowed' : 'not_found')
  })
  app.onError((error, context) => answerError(deps, error, context))
  return app
}

/** The document and its page need no key: they tell nothing that is not in the source. */
function addDocs(app: Api, endpoints: readonly Endpoint[]): void {
  let document: string | undefined
  app.get('/openapi.json', context => {
    document ??= JSON.stringify(openApiDocument(endpoints, API_VERSION))
    return context.body(document, 200, { 'content-type': 'application/json' })
  })
  app.get('/docs', context => {
    const headers = {
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
    }
    return context.html(docsPage(endpoints), 200, headers)
  })
}

function mount(app: Api, deps: HttpDeps, { method, path, scope, handle }: Endpoint): void {
  app.on(method, path, async context => {
    const caller = deps.keys().authenticate(context.req.header('authorization'))
    if (caller === undefined) return problemResponse(context, 'unauthorized')
    context.set('caller', caller)
    refuseAddress(context)
    demandScope(caller, scope)
    return handle(context, caller)
  })
}

function matches(pattern: string, path: string): boolean {
  const expected = pattern.split('/')
  const given = path.split('/')
  return (
    expected.length === given.length &&
    expected.every((part, i) => (part.startsWith(':') ? given[i] !== '' : part === given[i]))
  )
}

function answerError(deps: HttpDeps, error: Error, context: ApiContext): Response {
  if (error instanceof Problem) return problemResponse(context, error.code, error.details)
  if (error instanceof SendsHeld) return problemResponse(context, 'recovering', { retryAfterSeconds: 60 })
  const journal = error instanceof JournalUnavailable
  const code: ProblemCode = journal ? 'journal_unavailable' : 'internal_error'
  deps.service.fault(journal ? 'journal' : 'http', error, context.get('requestId'))
  return problemResponse(context, code, journal ? { retryAfterSeconds: 2 } : {})
}
