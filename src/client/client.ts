import createFetchClient, { type Client } from 'openapi-fetch'
import type { paths } from './generated/schema.ts'

export type { components, paths } from './generated/schema.ts'
export type FundrouteClient = Client<paths>

export interface ClientOptions {
  /** Address of the gateway, such as `https://pay.example`. */
  readonly baseUrl: string
  /** An API key with the scopes that the calls need. Never ship it to a browser. */
  readonly key: string
  /** Language of reasons when the payer has none of their own, as in `Accept-Language`. */
  readonly language?: string
  /** Another `fetch`, for tests and for runtimes without one. */
  readonly fetch?: (request: Request) => Promise<Response>
}

/**
 * A typed client of the API. Calls do not throw for refusals: look at `error`. Money calls need an `Idempotency-Key`
 * that you keep until you have a final answer; repeat with the same key after a lost connection, never with a new one.
 *
 * @example
 * const client = createClient({ baseUrl: 'http://127.0.0.1:8080', key: process.env.FUNDROUTE_KEY })
 * const { data, error } = await client.POST('/v1/payments', {
 *   params: { header: { 'Idempotency-Key': order.id } },
 *   body: { orderId: order.id, amount: { currency: 'CNY', value: 129900 }, channel: 'app',
 *           payer: { id: 'u-1' }, funding: { accept: [{ tender: 'card' }] } },
 * })
 */
export function createClient({ baseUrl, key, language, fetch }: ClientOptions): FundrouteClient {
  return createFetchClient<paths>({
    baseUrl,
    headers: {
      authorization: `Bearer ${key}`,
      ...(language === undefined ? {} : { 'accept-language': language }),
    },
    ...(fetch === undefined ? {} : { fetch }),
  })
}
