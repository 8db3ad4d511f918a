import { HttpConnector } from '../../src/adapters/connectors/http/connector.ts'
import type { Mapping } from '../../src/adapters/connectors/http/dialect.ts'
import type { PayRequest } from '../../src/ports/connector.ts'
import type { HttpResult } from '../../src/ports/http-client.ts'
import { FakeHttpClient } from './fake-http-client.ts'

export const reference = '0123456789abcdef0123456789abcdef'
export const amount = { currency: 'CNY', value: 12_900 }
export const request: PayRequest = {
  reference,
  orderId: 'o-1',
  amount,
  capture: 'automatic',
  payer: 'u-1',
  expiresAt: 1_800_000_000_000,
}
/** The upstream's record of the payment, without its status. */
export const own = { reference, amount, providerReference: 'p-1' }
export const unknown = (cause: string) => ({ kind: 'unknown', cause })

/** A connector to an upstream that answers whatever it is told to. */
export function connect(mapping: Partial<Mapping> = {}) {
  const client = new FakeHttpClient()
  const connector = new HttpConnector({
    baseUrl: 'http://upstream.example/api/',
    client,
    token: 'secret-token',
    mapping: { request: {}, response: {}, statuses: {}, declineCodes: {}, ...mapping },
  })
  const pay = (result: HttpResult) => {
    client.next = result
    return connector.pay(request, { timeoutMs: 1_000 })
  }
  return { client, connector, pay }
}
