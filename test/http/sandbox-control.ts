import type { DialsInput } from '../../src/sandbox/dials.ts'
import type { LedgerRecord } from '../../src/sandbox/ledger.ts'
import type { NotificationCounts } from '../../src/sandbox/notifier.ts'
import type { SandboxRoute } from '../../src/sandbox/protocol.ts'
import type { RequestCounts } from '../../src/sandbox/route-server.ts'
import { exchange } from './exchange.ts'

type Traffic = RequestCounts & {
  readonly replayed: number
  readonly notifications: NotificationCounts
}

/** The upstreams as a test turns and reads them. The ledger is the referee of everything about money. */
export class SandboxControl {
  readonly url: string
  readonly routes: readonly { readonly id: SandboxRoute; readonly baseUrl: string }[]

  constructor(url: string, routes: SandboxControl['routes']) {
    this.url = url
    this.routes = routes
  }

  async dial(route: SandboxRoute, dials: Partial<DialsInput>): Promise<void> {
    await this.#call('PATCH', `/routes/${route}/dials`, dials)
  }

  /** What was done with money for an order, as `route kind value`. */
  async ledger(orderId: string): Promise<string[]> {
    const { records } = await this.#call<{ records: LedgerRecord[] }>('GET', `/ledger?orderId=${orderId}`)
    return records.map(({ route, kind, value }) => `${route} ${kind} ${value}`)
  }

  /** How many records the ledger has. */
  async records(): Promise<number> {
    const { totals } = await this.#call<{ totals: Record<string, { records: number }> }>(
      'GET',
      '/ledger/summary',
    )
    return Object.values(totals).reduce((sum, { records }) => sum + records, 0)
  }

  async ordersPaidTwice(): Promise<string[]> {
    return (await this.#call<{ ordersPaidTwice: string[] }>('GET', '/ledger/summary')).ordersPaidTwice
  }

  async requests(): Promise<Record<SandboxRoute, Traffic>> {
    return this.#call('GET', '/requests')
  }

  /** How many requests of any kind have reached any upstream. */
  async requestsSeen(): Promise<number> {
    const counts = Object.values(await this.requests())
    return counts.reduce(
      (sum, { pay, query, cancel, capture, refund, queryRefund, eligibility, other }) =>
        sum + pay + query + cancel + capture + refund + queryRefund + eligibility + other,
      0,
    )
  }

  /** Ends a redirect in place of the payer. */
  async complete(route: SandboxRoute, reference: string, result: 'approved' | 'declined' | 'expired') {
    await this.#call('POST', `/routes/${route}/payments/${reference}/complete`, { result })
  }

  /** Sends the payment's notification again, under a new id. */
  async notify(route: SandboxRoute, reference: string): Promise<void> {
    await this.#call('POST', `/routes/${route}/payments/${reference}/notify`)
  }

  async payer(id: string, facts: Record<string, unknown>): Promise<void> {
    await this.#call('PATCH', `/payers/${id}`, facts)
  }

  /** Where notifications go; null for nowhere. */
  async tell(gateway: string | null): Promise<void> {
    await this.#call('PUT', '/gateway', { url: gateway })
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await exchange<T>(`${this.url}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    if (answer.status !== 200) throw new Error(`sandbox: ${method} ${path}: ${answer.status} ${answer.text}`)
    return answer.body
  }
}
