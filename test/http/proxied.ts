import { connect } from 'node:net'
import { startTarget } from './harness.ts'
import { LegacyUpstream } from './legacy-upstream.ts'
import { inFixedOrder } from './payments.ts'
import type { RawConfig, Target } from './target.ts'

/** Patience with an upstream: some tests wait for its end. */
const UPSTREAM_MS = 1_500

export const TOKEN_A = 'upstream_token_of_card_a_0123456789abcdef'

/** What changes the configuration of the checkouts of a test. */
export type ChangeCheckout = (legacy: Record<string, unknown>, config: RawConfig) => void

/** A gateway before two old upstreams, `card_a` and `card_b`, tried in that order. */
export interface Proxied {
  readonly target: Target
  readonly a: LegacyUpstream
  readonly b: LegacyUpstream
  /** Sends to a checkout, with the key of the checkout unless told otherwise. */
  call(method: string, path: string, options?: CallOptions): Promise<Reply>
  /** POSTs an order to the `legacy` checkout. */
  pay(order: OrderBody, options?: CallOptions): Promise<Reply>
  /** With `keepData` journal and upstreams stay, for a gateway that goes on with them. */
  stop(options?: { readonly keepData?: boolean }): Promise<void>
}

export interface CallOptions {
  readonly body?: unknown
  readonly raw?: string | Uint8Array | ReadableStream<Uint8Array>
  readonly headers?: Readonly<Record<string, string>>
  readonly key?: Parameters<Target['secret']>[0] | null
  readonly signal?: AbortSignal
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: Record<string, unknown>
}

export interface OrderBody {
  order: { id: string | number }
  amount: number | string
  currency: string
  user: { id: string }
  [field: string]: unknown
}

export function orderOf(changes: Partial<OrderBody> = {}): OrderBody {
  return {
    order: { id: `s-${crypto.randomUUID()}` },
    amount: 129_900,
    currency: 'CNY',
    user: { id: 'u-1' },
    ...changes,
  }
}

/** What a gateway goes on with, and further variables for it. */
export interface Earlier {
  readonly dataDir?: string
  readonly a?: LegacyUpstream
  readonly b?: LegacyUpstream
  readonly env?: Readonly<Record<string, string>>
}

/** `legacy` has its orders and outcomes mapped; `plain` is passed through to `card_a`. */
export async function startProxied(
  change: ChangeCheckout = () => undefined,
  earlier: Earlier = {},
): Promise<Proxied> {
  const a = earlier.a ?? (await new LegacyUpstream().start())
  const b = earlier.b ?? (await new LegacyUpstream().start())
  const target = await startTarget({
    env: { CARD_A_TOKEN: TOKEN_A, ...earlier.env },
    ...(earlier.dataDir === undefined ? {} : { dataDir: earlier.dataDir }),
    change: config => {
      inFixedOrder(config)
      reach(config, 'card_a', a.url, 'CARD_A_TOKEN')
      reach(config, 'card_b', b.url)
      const legacy: Record<string, unknown> = {
        id: 'legacy',
        tenant: 'demo',
        auth: { apiKey: 'checkout' },
        routes: ['card_a', 'card_b'],
        order: '/order/id',
        context: { amount: '/amount', currency: '/currency', payer: '/user/id' },
        outcome: {
          approved: { pointer: '/state', equals: 'PAID' },
          declined: [
            { pointer: '/code', equals: '51', category: 'insufficient_funds' },
            { pointer: '/code', equals: '59', category: 'suspected_fraud' },
          ],
        },
      }
      const plain = {
        id: 'plain',
        tenant: 'demo',
        auth: { apiKey: 'checkout' },
        routes: ['card_a', 'card_b'],
      }
      change(legacy, config)
      const others = (config.checkouts ?? []) as object[]
      config.checkouts = [legacy, plain, ...others]
    },
  })
  const call: Proxied['call'] = (method, path, options = {}) => send(target, method, path, options)
  return {
    target,
    a,
    b,
    call,
    pay: (order, options = {}) => call('POST', '/proxy/legacy/pay', { body: order, ...options }),
    stop: async ({ keepData = false } = {}) => {
      await target.stop({ keepData })
      if (keepData) return
      await a.kill()
      await b.kill()
    },
  }
}

function reach(config: RawConfig, id: string, baseUrl: string, tokenEnv?: string): void {
  const route = config.routes.find(other => other.id === id)
  if (route === undefined) throw new Error(`there is no route ${id}`)
  route.capability.idempotency = { mode: 'none' }
  route.connector = {
    type: 'http',
    baseUrl,
    timeoutMs: UPSTREAM_MS,
    ...(tokenEnv === undefined ? {} : { tokenEnv }),
  }
}

async function send(
  target: Target,
  method: string,
  path: string,
  { body, raw, headers = {}, key = 'checkout', signal }: CallOptions,
): Promise<Reply> {
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const response = await fetch(`${target.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${target.secret(key)}` }),
      ...(content === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(content === undefined ? {} : { body: content as string, duplex: 'half' }),
    ...(signal === undefined ? {} : { signal }),
  } as RequestInit)
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parsed(text) }
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** Writes bytes to a gateway as they are, and reads what comes until the connection ends or stands still. */
export async function speak(url: string, text: string, quietMs = 500): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  let heard = ''
  socket.setEncoding('utf8').setTimeout(quietMs, () => socket.destroy())
  socket.on('data', (chunk: string) => {
    heard += chunk
  })
  socket.on('error', () => undefined)
  socket.write(text)
  await new Promise(resolve => socket.once('close', resolve))
  return heard
}

/** Waits until something is so, at most some seconds. */
export async function until(isSo: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error('it did not come about in time')
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}
