import { randomUUID } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { type Payment, viewOf } from './payment.ts'
import type { SandboxRoute } from './protocol.ts'
import type { Timers } from './timers.ts'

const tries = 6
const firstRetryMs = 200
const timeoutMs = 5_000
const queuedMax = 10_000
const repeats = 5

export interface NotificationCounts {
  sent: number
  delivered: number
  /** Given up after the last try. */
  failed: number
  /** Not sent because too many were waiting. */
  dropped: number
}

/**
 * Tells the gateway of state changes: `POST {gateway}/v1/notifications/{route}`, signed after Standard Webhooks with
 * the route's secret. Repeated with growing pauses until it is answered with 2xx, six times in all.
 */
export class Notifier {
  readonly #secrets: ReadonlyMap<SandboxRoute, Webhook>
  readonly #timers: Timers
  readonly #counts = new Map<SandboxRoute, NotificationCounts>()
  #queued = 0
  /** Base URL; without one nothing is sent. */
  gatewayUrl: string | undefined

  constructor(
    timers: Timers,
    secrets: Partial<Record<SandboxRoute, string>>,
    gatewayUrl: string | undefined,
  ) {
    this.#timers = timers
    this.gatewayUrl = gatewayUrl
    const entries = Object.entries(secrets) as [SandboxRoute, string][]
    this.#secrets = new Map(entries.map(([route, secret]) => [route, new Webhook(secret)]))
  }

  counts(route: SandboxRoute): NotificationCounts {
    const known = this.#counts.get(route) ?? { sent: 0, delivered: 0, failed: 0, dropped: 0 }
    this.#counts.set(route, known)
    return known
  }

  /** Sends the payment's state as it is now, or that of a refund or capture of it, after a pause. */
  notify(route: SandboxRoute, payment: Payment, delayMs: number, told: object = viewOf(payment)): void {
    const secret = this.#secrets.get(route)
    if (this.gatewayUrl === undefined || secret === undefined) return
    const times = payment.behaviour?.notifications === 'repeated' ? repeats : 1
    const id = `msg_${randomUUID()}`
    const body = JSON.stringify({
      type: 'payment.updated',
      timestamp: new Date().toISOString(),
      data: told,
    })
    for (let copy = 0; copy < times; copy += 1) {
      if (this.#queued >= queuedMax) {
        this.counts(route).dropped += 1
        continue
      }
      this.#queued += 1
      this.#timers.after(delayMs + copy * firstRetryMs, () => void this.#send(route, secret, id, body, 1))
    }
  }

  async #send(
    route: SandboxRoute,
    secret: Webhook,
    id: string,
    body: string,
    attempt: number,
  ): Promise<void> {
    this.counts(route).sent += 1
    if (await this.#delivered(route, secret, id, body)) this.counts(route).delivered += 1
    else if (attempt < tries) {
      const pauseMs = firstRetryMs * 2 ** attempt
      this.#timers.after(pauseMs, () => void this.#send(route, secret, id, body, attempt + 1))
      return
    } else this.counts(route).failed += 1
    this.#queued -= 1
  }

  async #delivered(route: SandboxRoute, secret: Webhook, id: string, body: string): Promise<boolean> {
    const now = new Date()
    try {
      const response = await fetch(`${this.gatewayUrl}/v1/notifications/${route}`, {
        method: 'POST',
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          'content-type': 'application/json',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1_000)),
          'webhook-signature': secret.sign(id, now, body),
        },
      })
      await response.body?.cancel()
      return response.ok
    } catch {
      return false
    }
  }
}
