import { Hono } from 'hono'
import { ownHeaders, Steps } from './answer.ts'
import { Disclosure } from './disclosure.ts'
import { docsPage } from './docs-page.ts'
import type { Api, ApiContext, Endpoint, HttpDeps } from './endpoint.ts'
import { openApiDocument } from './openapi.ts'
import { type ProblemCode, Problem, problemResponse } from './problem.ts'
import { demandScope, refuseAddress, requestIdOf } from './request.ts'
import { registerDecisions } from './decisions.ts'
import { registerExplanations } from './explanations.ts'
import { receiveNotification } from './notifications.ts'
import { registerOperations } from './operations.ts'
import { registerPayerCredit } from './payer-credit.ts'
import { registerPayments } from './payments.ts'
import { addProxy } from './proxy.ts'
import { registerQuotes } from './quotes.ts'
import { SendsHeld } from '../gateway/recovery.ts'
import { JournalUnavailable } from '../ports/journal.ts'

/** Version of the API that the document describes. */
export const API_VERSION = '1.0.0'

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
