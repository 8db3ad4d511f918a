import { appendFileSync } from 'node:fs'
import { drawIndex, type RandomStream, randomStream } from '../../src/core/random.ts'
import { sleep } from './gateway.ts'

/** One answer as a client saw it. */
export interface ClientAnswer {
  readonly orderId: string
  readonly key: string
  readonly kind: 'pay' | 'refund' | 'capture' | 'cancel'
  /** HTTP status; 0 when there was no answer. */
  readonly status: number
  /** Id of the payment or refund. */
  readonly id?: string
  readonly payment?: string
  /** Public status, or the code of a problem. */
  readonly told?: string
  readonly route?: string
  readonly ms: number
}

export interface DriverOptions {
  readonly seed: number
  readonly urls: () => readonly string[]
  readonly apiKey: string
  /** Kept as JSON lines, written as the answers come. */
  readonly logFile: string
  readonly paymentsPerSecond: number
}

export interface Shopper {
  readonly orderId: string
  readonly value: number
  readonly behaviour: string | undefined
}

/** How long a client waits for an answer before it asks again, and how often it asks, ms. */
const CLIENT_TIMEOUT_MS = 6_000
const TRIES_MAX = 40
const OPEN_MAX = 120

/** What upstreams do with a payment, by weight; undefined is what an ordinary one meets. */
const BEHAVIOURS: readonly (readonly [number, string | undefined])[] = [
  [64, undefined],
  [6, 'issuer_declined'],
  [4, 'upstream_unavailable'],
  [4, 'insufficient_funds'],
  [3, 'timeout_approved'],
  [3, 'timeout_absent'],
  [2, 'timeout_late'],
  [2, 'error_after'],
  [2, 'error_before'],
  [2, 'reset_after'],
  [2, 'reset_before'],
  [2, 'truncated'],
  [1, 'garbage'],
  [1, 'processing_approved'],
  [1, 'processing_declined'],
  [1, 'action_approved'],
  [1, 'declined_then_approved'],
  [1, 'repeated_notification'],
]
const ACCEPTS: readonly (readonly [number, readonly string[]])[] = [
  [5, ['card']],
  [2, ['card', 'wallet']],
  [1, ['wallet']],
  [1, ['card', 'balance']],
  [1, ['balance']],
]

/** Clients that pay, ask again when they are not told, pay twice by mistake, refund, capture and cancel. */
export class Driver {
  readonly #options: DriverOptions
  readonly #random: RandomStream
  readonly #open = new Set<Promise<void>>()
  readonly answers: ClientAnswer[] = []
  readonly shoppers: Shopper[] = []
  #running = false

  constructor(options: DriverOptions) {
    this.#options = options
    this.#random = randomStream(options.seed)
  }

  /** Brings shoppers at the pace asked for until `stop`. */
  async run(): Promise<void> {
    this.#running = true
    while (this.#running) {
      if (this.#open.size < OPEN_MAX) this.#bring()
      await sleep((1_000 / this.#options.paymentsPerSecond) * (0.5 + this.#random()))
    }
  }

  /** Brings no more, and waits for those that are there. */
  async stop(): Promise<void> {
    this.#running = false
    await Promise.all(this.#open)
  }

  #bring(): void {
    const shopping = this.#shop(this.shoppers.length).finally(() => this.#open.delete(shopping))
    this.#open.add(shopping)
  }

  async #shop(number: number): Promise<void> {
    const orderId = `o-${this.#options.seed}-${number}`
    const drawn = 1_000 + Math.floor(this.#random() * 100_000)
    // No amount that means something to the upstreams.
    const value = drawn % 10_000 >= 9_000 ? drawn - 1_000 : drawn
    const behaviour = weighted(this.#random, BEHAVIOURS)
    const manual = behaviour === undefined && this.#random() < 0.08
    this.shoppers.push({ orderId, value, behaviour })
    const body = {
      orderId,
      amount: { currency: 'CNY', value },
      channel: 'app',
      payer: { id: `u-${number % 500}` },
      funding: { accept: (manual ? ['card'] : weighted(this.#random, ACCEPTS)).map(tender => ({ tender })) },
      ...(behaviour === undefined ? {} : { metadata: { [this.#where()]: behaviour } }),
      ...(manual ? { capture: 'manual' } : {}),
    }
    const mistake = this.#random()
    const pays = [this.#ask(orderId, `${orderId}-k`, 'pay', '/v1/payments', body)]
    if (mistake < 0.08) pays.push(this.#ask(orderId, `${orderId}-k`, 'pay', '/v1/payments', body))
    else if (mistake < 0.12) pays.push(this.#ask(orderId, `${orderId}-k2`, 'pay', '/v1/payments', body))
    if (mistake > 0.97) void this.#cancelSoon(orderId)
    const [answer] = await Promise.all(pays)
    if (answer?.id === undefined) return
    const path = `/v1/payments/${answer.id}`
    if (answer.told === 'authorized') {
      const verb = this.#random() < 0.7 ? 'capture' : 'cancel'
      await this.#ask(orderId, `${orderId}-${verb}`, verb, `${path}/${verb}`, {})
    } else if (answer.told === 'succeeded' && this.#random() < 0.15) {
      const refunds = [900, 800].map((part, i) =>
        this.#ask(orderId, `${orderId}-r${i}`, 'refund', `${path}/refunds`, {
          amount: { currency: 'CNY', value: Math.min(part, value) },
        }),
      )
      await Promise.all(refunds)
    }
  }

  /** One route or all of them. */
  #where(): string {
    return this.#random() < 0.6 ? 'sandbox_card_a' : 'sandbox'
  }

  async #cancelSoon(orderId: string): Promise<void> {
    await sleep(300 * this.#random())
    const found = await this.#send('GET', `/v1/payments?orderId=${orderId}`)
    const id = (found.body['payments'] as { id: string }[] | undefined)?.[0]?.id
    if (id !== undefined) await this.#ask(orderId, `${orderId}-c`, 'cancel', `/v1/payments/${id}/cancel`, {})
  }

  /** Asks with one key until the answer is final, of whichever gateway answers. */
  async #ask(
    orderId: string,
    key: string,
    kind: ClientAnswer['kind'],
    path: string,
    body: object,
  ): Promise<ClientAnswer | undefined> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const started = performance.now()
      const { status, body: told } = await this.#send('POST', path, key, body)
      const { id, payment, route } = told as { id?: string; payment?: string; route?: string }
      const answer: ClientAnswer = {
        orderId,
        key,
        kind,
        status,
        ...(id === undefined ? {} : { id }),
        ...(payment === undefined ? {} : { payment }),
        ...(told['status'] === undefined ? {} : { told: String((told['code'] ?? told['status']) as string) }),
        ...(route === undefined ? {} : { route }),
        ms: Math.round(performance.now() - started),
      }
      this.answers.push(answer)
      appendFileSync(this.#options.logFile, `${JSON.stringify(answer)}\n`)
      if (isFinal(answer)) return answer
      await sleep(200 + 800 * this.#random())
    }
    return undefined
  }

  async #send(
    method: string,
    path: string,
    key?: string,
    body?: object,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const urls = this.#options.urls()
    const url = urls[Math.floor(this.#random() * urls.length)]
    try {
      const answer = await fetch(`${url}${path}`, {
        method,
        signal: AbortSignal.timeout(CLIENT_TIMEOUT_MS),
        headers: {
          authorization: `Bearer ${this.#options.apiKey}`,
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    } catch {
      return { status: 0, body: {} }
    }
  }
}

/** Whether a client has nothing more to wait for. A pending or unanswered request is asked again. */
function isFinal({ status, told }: ClientAnswer): boolean {
  if (status === 200 || status === 201) return told !== 'pending' && told !== 'requires_action'
  return status >= 400 && status < 500 && told !== 'request_in_progress' && told !== 'order_in_progress'
}

function weighted<T>(random: RandomStream, choices: readonly (readonly [number, T])[]): T {
  const index = drawIndex(
    random,
    choices.map(([weight]) => weight),
  )
  return (choices[index] as readonly [number, T])[1]
}
