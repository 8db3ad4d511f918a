import type { Context, Hono } from 'hono'
import type { GatewayService } from '../gateway/service.ts'
import type { Steps } from './answer.ts'
import type { Caller, KeyRing, Scope } from './auth.ts'
import type { Disclosure } from './disclosure.ts'
import type { EndpointDoc } from './endpoint-docs.ts'
import type { Checkouts } from './proxy-checkout.ts'
import type { BodyLimits } from './request.ts'

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

/** A route of the API: what it needs is stated where it is registered, and nothing else is reachable. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly scope: Scope
  readonly doc: EndpointDoc
  readonly handle: (context: ApiContext, caller: Caller) => Promise<Response> | Response
}
