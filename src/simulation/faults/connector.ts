import type { UpstreamResult } from '../../core/payment/outcome.ts'
import type { Connector, PayRequest, SendOptions } from '../../ports/connector.ts'
import type { Dice } from './dice.ts'
import type { FaultPlan } from './fault-plan.ts'
import type { Incarnation } from './incarnation.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedUpstream } from './upstream.ts'

export interface NetworkWatcher {
  /** A request for money is about to leave. */
  sends(upstream: SimulatedUpstream, request: PayRequest, by: Incarnation): void
  /** It has left, wherever it will end. */
  left(upstream: SimulatedUpstream, request: PayRequest): void
  asks(upstream: SimulatedUpstream, what: string, reference: string, by: Incarnation): void
  /** An answer has been heard by a live process. */
  hears(what: string, reference: string, result: { readonly kind: string }, by: Incarnation): void
}

export interface Network {
  readonly scheduler: Scheduler
  readonly plan: FaultPlan
  readonly watcher: NetworkWatcher
  /** The payment's own draws, found by any of its upstream references. */
  diceOf(reference: string): Dice
  orderOf(reference: string): number
  /** Nothing gets through to the upstream, or connections to it are refused. */
  stateOf(upstream: SimulatedUpstream): 'open' | 'black' | 'shut'
  /** What befalls a process between a question and its answer. */
  whileWaiting(who: Incarnation, dice: Dice): void
}

type Failure = {
  readonly kind: 'unknown' | 'not_sent'
  readonly cause: 'timeout' | 'connection' | 'unreadable'
}

/** Answers of all verbs have a kind, and each may fail in the same ways. */
type Answer = { readonly kind: string }

interface Exchange<T extends Answer> {
  readonly what: string
  readonly reference: string
  readonly options: SendOptions
  /** Whether the network may deliver it twice: only what the upstream takes as the same. */
  readonly repeatable: boolean
  readonly perform: () => T
  readonly onLeft?: (() => void) | undefined
  readonly onLate?: ((result: T) => void) | undefined
}

/** One process's way to one upstream, over a network that loses, delays and repeats what it carries. */
export function connectorOf(network: Network, upstream: SimulatedUpstream, who: Incarnation): Connector {
  const exchange = <T extends Answer>(it: Exchange<T | Failure>) => carry(network, upstream, who, it)
  return {
    pay(request, options) {
      network.watcher.sends(upstream, request, who)
      const { reference } = request
      const order = network.orderOf(reference)
      const { idempotency } = upstream.type.contract
      return exchange<UpstreamResult>({
        what: 'pay',
        reference,
        options,
        repeatable:
          idempotency.mode === 'reference' || (idempotency.mode === 'key' && idempotency.replaysErrors),
        perform: () => upstream.pay(request, order),
        onLeft: () => network.watcher.left(upstream, request),
        onLate: options.onLate,
      })
    },
    query: (reference, _amount, options) =>
      exchange<UpstreamResult>({
        what: 'query',
        reference,
        options,
        repeatable: true,
        perform: () => upstream.query(reference),
      }),
    cancel: (reference, verb, options) =>
      exchange<UpstreamResult>({
        what: verb,
        reference,
        options,
        repeatable: true,
        perform: () => upstream.cancel(reference, verb),
      }),
    capture: (reference, captureReference, amount, options) =>
      exchange({
        what: 'capture',
        reference,
        options,
        repeatable: true,
        perform: () => upstream.capture(reference, captureReference, amount, options.final === true),
      }),
    refund: (reference, refundReference, amount, options) =>
      exchange({
        what: 'refund',
        reference,
        options,
        repeatable: true,
        perform: () => upstream.refund(reference, refundReference, amount),
      }),
    queryRefund: (reference, refundReference, _amount, options) =>
      exchange({
        what: 'query refund',
        reference,
        options,
        repeatable: true,
        perform: () => upstream.queryRefund(reference, refundReference),
      }),
    ping: () => Promise.resolve({ ok: true, detail: 'simulated' }),
  }
}

function carry<T extends Answer>(
  network: Network,
  upstream: SimulatedUpstream,
  who: Incarnation,
  exchange: Exchange<T | Failure>,
): Promise<T | Failure> {
  const { scheduler, plan, watcher } = network
  const { timeoutMs } = exchange.options
  const dice = network.diceOf(exchange.reference)
  watcher.asks(upstream, exchange.what, exchange.reference, who)
  return new Promise(resolve => {
    let settled = false
    const settle = (result: T | Failure): void => {
      if (settled) return exchange.onLate?.(result)
      settled = true
      watcher.hears(exchange.what, exchange.reference, result, who)
      resolve(result)
    }
    const state = network.stateOf(upstream)
    if (state === 'shut' || dice.chance(plan.not_sent)) {
      who.deliver(dice.between(1, timeoutMs), () => settle({ kind: 'not_sent', cause: 'connection' }))
      return
    }
    exchange.onLeft?.()
    network.whileWaiting(who, dice)
    who.deliver(timeoutMs, () => {
      if (!settled) settle({ kind: 'unknown', cause: 'timeout' })
    })
    const arrive = (): void => {
      const result = exchange.perform()
      if (network.stateOf(upstream) === 'black' || dice.chance(plan.response_lost)) return
      const garbled = dice.chance(plan.unreadable)
      const backMs = dice.chance(plan.response_late) ? dice.between(1_000, 60_000) : dice.between(10, 200)
      who.deliver(backMs, () => settle(garbled ? { kind: 'unknown', cause: 'unreadable' } : result))
    }
    if (state === 'black' || dice.chance(plan.request_lost)) return
    scheduler.after(travelMs(upstream, plan, dice), arrive)
    if (exchange.repeatable && dice.chance(plan.request_twice)) {
      scheduler.after(travelMs(upstream, plan, dice), arrive)
    }
  })
}

/** Most requests are there at once; late ones use all the time that the upstream's contract leaves them. */
function travelMs({ type }: SimulatedUpstream, plan: FaultPlan, dice: Dice): number {
  if (!dice.chance(plan.request_late)) return dice.between(10, 200)
  const share = dice.chance(0.3) ? dice.between(0.9, 1) : dice.between(0, 1)
  return share * type.travelMaxMs
}
