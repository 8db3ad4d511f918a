import { randomBytes } from 'node:crypto'
import type { LedgerRecord } from '../../src/sandbox/ledger.ts'
import type { Sandbox } from '../../src/sandbox/start.ts'

export interface Answer {
  status: number
  // Whatever the upstream says; tests compare it as a whole or look at single fields.
  body: Record<string, unknown>
  headers: Headers
}

export interface Order {
  reference: string
  orderId: string
  amount: { currency: string; value: number }
  payer: string
  [field: string]: unknown
}

export function order(fields: Partial<Order> = {}): Order {
  const reference = randomBytes(16).toString('hex')
  return { reference, orderId: `o-${reference}`, amount: cny(129_900), payer: 'u-1', ...fields }
}

export function cny(value: number): { currency: string; value: number } {
  return { currency: 'CNY', value }
}

export async function call(method: string, url: string, body?: unknown, timeoutMs = 5_000): Promise<Answer> {
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    body: JSON.parse(text) as Record<string, unknown>,
    headers: response.headers,
  }
}

/** One route of a running sandbox, as a gateway sees it, with the referee's view beside it. */
export function clientOf(sandbox: Sandbox, route: string) {
  const baseUrl = sandbox.routes.find(({ id }) => id === route)?.baseUrl ?? ''
  return {
    baseUrl,
    pay: (request: Order, timeoutMs?: number) => call('POST', `${baseUrl}/payments`, request, timeoutMs),
    query: (reference: string) => call('GET', `${baseUrl}/payments/${reference}`),
    cancel: (reference: string, verb: string) =>
      call('POST', `${baseUrl}/payments/${reference}/cancel`, { verb }),
    capture: (reference: string, value: number) =>
      call('POST', `${baseUrl}/payments/${reference}/capture`, { amount: cny(value) }),
    refund: (reference: string, refundReference: string, value: number, timeoutMs?: number) =>
      call(
        'POST',
        `${baseUrl}/payments/${reference}/refunds`,
        { refundReference, amount: cny(value) },
        timeoutMs,
      ),
    queryRefund: (reference: string, refundReference: string) =>
      call('GET', `${baseUrl}/payments/${reference}/refunds/${refundReference}`),
    turn: (dials: Record<string, unknown>) =>
      call('PATCH', `${sandbox.control}/routes/${route}/dials`, dials),
    /** What the ledger says of one reference, as `kind value`. */
    async ledger(reference: string): Promise<string[]> {
      const { body } = await call('GET', `${sandbox.control}/ledger?route=${route}&reference=${reference}`)
      return (body.records as LedgerRecord[]).map(({ kind, value }) => `${kind} ${value}`)
    },
  }
}
