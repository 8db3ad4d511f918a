import { seededRandom } from '../../adapters/memory/random.ts'
import { receiveNotification } from '../../gateway/notify.ts'
import { JournalUnavailable } from '../../ports/journal.ts'
import type { Random } from '../../ports/random.ts'
import { closeBooks, type Ending } from './books.ts'
import { Client, TENANT } from './clients.ts'
import type { Network } from './connector.ts'
import { Dice } from './dice.ts'
import { drawFaultPlan, type Fault, type FaultPlan } from './fault-plan.ts'
import { GatewayProcess } from './gateway-process.ts'
import { SimulatedHints } from './hints.ts'
import { Incarnation } from './incarnation.ts'
import { SimulatedJournal } from './journal.ts'
import { Notices } from './notices.ts'
import { Oracle, type Violation } from './oracle.ts'
import { POOL } from './policy.ts'
import { Scheduler } from './scheduler.ts'
import { SimulatedUpstream } from './upstream.ts'
import { MIXED, UPSTREAM_TYPES } from './upstream-types.ts'

export interface WorldOptions {
  readonly seed: number
  /** Name of the upstream type of all routes, or `mixed`. */
  readonly type: string
  readonly orders: number
  /** Fault classes to leave out. */
  readonly without?: ReadonlySet<Fault>
  /** Orders to leave out. */
  readonly skip?: ReadonlySet<number>
  /** Faults strike machines before this true time only, ms. */
  readonly healAtMs?: number
  /** Told of everything that happens. */
  readonly onStep?: (at: number, who: string, what: string) => void
}

export interface WorldResult {
  readonly seed: number
  readonly type: string
  readonly violations: readonly Violation[]
  readonly ending: Ending
  readonly events: number
  /** Equal in every run of the same seed and options. */
  readonly hash: number
  /** Virtual time, ms. */
  readonly tookMs: number
}

const INSTANCES = 3
const ROUTES = 3
/** All must have come to rest by then, ms: a day of patience, and the longest waits after it. */
const REST_BY_MS = 40 * 3_600_000

/** One seed's world: instances of the gateway, a journal, upstreams, clients, and everything that goes wrong. */
export class World {
  readonly #options: WorldOptions
  readonly #scheduler = new Scheduler()
  readonly #plan: FaultPlan
  readonly #dice: Dice
  readonly #orderDice = new Map<number, Dice>()
  readonly #random: Random
  readonly #oracle: Oracle
  readonly #journal: SimulatedJournal
  readonly #hints: SimulatedHints
  readonly #upstreams: SimulatedUpstream[]
  readonly #processes: GatewayProcess[] = []
  readonly #notices: Notices
  readonly #network: Network
  readonly #linkUntil = new Map<SimulatedUpstream, { state: 'black' | 'shut'; until: number }>()
  readonly #spanMs: number
  #healed = false

  constructor(options: WorldOptions) {
    this.#options = options
    const { seed, without = new Set() } = options
    this.#plan = drawFaultPlan(seed, without)
    this.#dice = new Dice(seed, 'machines')
    this.#random = seededRandom(seed)
    this.#spanMs = options.orders * 1_500
    const scheduler = this.#scheduler
    this.#oracle = new Oracle(
      () => scheduler.now,
      () => this.#upstreams,
    )
    const { onStep } = options
    const tell = (who: string, what: string): void => onStep?.(scheduler.now, who, what)
    this.#journal = new SimulatedJournal(scheduler, this.#plan, new Dice(seed, 'journal'), {
      applied: (payment, write, by) => {
        scheduler.mix(payment.attempts.length + payment.operations.length)
        if (onStep !== undefined) tell('journal', `${by.name} wrote ${describe(payment)}`)
        this.#oracle.applied(payment, write, by)
      },
      durable: payment => this.#oracle.makeDurable(payment),
      claimed: (stored, by) => {
        if (onStep !== undefined)
          tell('journal', `${by.name} took over ${stored.payment.id}, epoch ${stored.epoch}`)
        this.#oracle.claimed(stored, by)
      },
      powerLost: open => {
        tell('journal', 'lost power and what was not synced')
        this.#oracle.powerLost(open)
      },
    })
    this.#hints = new SimulatedHints(this.#plan.hints, new Dice(seed, 'hints'))
    this.#upstreams = this.#buildUpstreams()
    this.#network = this.#buildNetwork()
    this.#notices = new Notices({
      scheduler,
      plan: this.#plan,
      diceOf: order => this.#diceOf(order),
      fail: (invariant, text) => this.#oracle.fail(invariant, text),
      bring: (route, headers, body, dice) =>
        this.#ask(dice, 10_000, ({ gateway, facts }) =>
          receiveNotification(gateway, facts, route, headers, body),
        ),
    })
    this.#journal.onDue = at => {
      for (const process of this.#processes) process.wake(at)
    }
  }

  async run(): Promise<WorldResult> {
    const { seed, type, orders, skip } = this.#options
    await this.#journal.memory.declareFunds(POOL.pool, POOL.source, Number.MAX_SAFE_INTEGER)
    for (let instance = 0; instance < INSTANCES; instance++) this.#start(instance, 0)
    this.#planTrouble()
    for (let order = 0; order < orders; order++) {
      if (skip?.has(order) !== true) this.#startClient(order)
    }
    await this.#scheduler.run(REST_BY_MS, () => this.#oracle.violations.length > 0)
    const ending = await closeBooks(TENANT, orders, this.#journal, this.#upstreams, this.#oracle)
    return {
      seed,
      type,
      violations: this.#oracle.violations,
      ending,
      events: this.#scheduler.count,
      hash: this.#scheduler.hash,
      tookMs: this.#scheduler.now,
    }
  }

  #startClient(order: number): void {
    const dice = new Dice(this.#options.seed, `client ${order}`)
    const client = new Client(
      {
        scheduler: this.#scheduler,
        plan: this.#plan,
        oracle: this.#oracle,
        ask: (with_, patienceMs, run) => this.#ask(with_, patienceMs, run),
      },
      dice,
      order,
    )
    this.#scheduler.at(dice.between(0, this.#spanMs), () => {
      client.run().catch((error: unknown) => this.#bug(error))
    })
  }

  #buildUpstreams(): SimulatedUpstream[] {
    const { type } = this.#options
    const dice = new Dice(this.#options.seed, 'upstream types')
    const named = UPSTREAM_TYPES.find(({ name }) => name === type)
    if (named === undefined && type !== MIXED) throw new TypeError(`there is no upstream type "${type}"`)
    return Array.from({ length: ROUTES }, (_, position) => {
      const upstream: SimulatedUpstream = new SimulatedUpstream(
        `route-${position}`,
        named ?? dice.pick(UPSTREAM_TYPES),
        {
          now: () => this.#journal.now(),
          after: (ms, run) => this.#scheduler.after(ms, run),
          diceOf: order => this.#diceOf(order),
          plan: this.#plan,
          onLedger: (kind, payment, value) => {
            this.#options.onStep?.(
              this.#scheduler.now,
              upstream.id,
              `${kind} ${value} for ${payment.reference}`,
            )
            this.#oracle.ledger(upstream, kind, payment, payment.flipped)
          },
          onFinal: payment => this.#notices.tell(upstream, payment),
        },
      )
      return upstream
    })
  }

  #buildNetwork(): Network {
    const { onStep } = this.#options
    return {
      scheduler: this.#scheduler,
      plan: this.#plan,
      diceOf: reference => this.#diceOf(this.#orderOf(reference)),
      orderOf: reference => this.#orderOf(reference),
      stateOf: upstream => {
        const link = this.#linkUntil.get(upstream)
        return link !== undefined && this.#scheduler.now < link.until ? link.state : 'open'
      },
      watcher: {
        sends: (upstream, request, by) => {
          onStep?.(this.#scheduler.now, by.name, `sends ${request.reference} to ${upstream.id}`)
          this.#oracle.sends(upstream, request, by)
        },
        left: (upstream, request) => this.#oracle.left(upstream, request),
        hears: (what, reference, result, by) =>
          onStep?.(
            this.#scheduler.now,
            by.name,
            `hears about ${what} of ${reference}: ${JSON.stringify(result)}`,
          ),
      },
    }
  }

  #orderOf(reference: string): number {
    const payment = this.#oracle.durable.get(this.#oracle.references.get(reference) ?? '')
    return Number(payment?.context.orderId.slice('order-'.length) ?? 0)
  }

  #diceOf(order: number): Dice {
    const known = this.#orderDice.get(order)
    if (known !== undefined) return known
    const dice = new Dice(this.#options.seed, `order ${order}`)
    this.#orderDice.set(order, dice)
    return dice
  }

  #start(instance: number, number: number): void {
    const skewMs = this.#plan.skew > 0 ? this.#dice.between(-900, 900) : 0
    const incarnation = new Incarnation(this.#scheduler, instance, number, skewMs)
    this.#options.onStep?.(this.#scheduler.now, incarnation.name, 'starts')
    const process = new GatewayProcess(incarnation, {
      scheduler: this.#scheduler,
      journal: this.#journal,
      hints: this.#hints,
      network: this.#network,
      upstreams: this.#upstreams,
      random: this.#random,
      dice: this.#dice,
      diceOfPayment: ({ context }) => this.#diceOf(Number(context.orderId.slice('order-'.length))),
      onBug: error => this.#bug(error),
    })
    this.#processes[instance] = process
    const next = this.#journal.nextClaim()
    if (next !== undefined) process.wake(next)
  }

  /** Machines fail while clients come, and a while after. */
  #planTrouble(): void {
    const plan = this.#plan
    const dice = this.#dice
    const until = this.#options.healAtMs ?? this.#spanMs + 60_000
    const strike = (perMinute: number, run: () => void): void => {
      if (perMinute <= 0) return
      for (let at = dice.wait(60_000 / perMinute); at < until; at += dice.wait(60_000 / perMinute)) {
        this.#scheduler.at(at, run)
      }
    }
    for (let instance = 0; instance < INSTANCES; instance++) {
      strike(plan.crash, () => this.#crash(instance))
      strike(plan.pause, () => this.#stand(instance, false))
      strike(plan.freeze, () => this.#stand(instance, true))
      strike(plan.skew, () => {
        const process = this.#processes[instance] as GatewayProcess
        process.incarnation.skewMs = dice.between(-900, 900)
      })
    }
    for (const upstream of this.#upstreams) {
      const cut = (state: 'black' | 'shut') => () => {
        const until = this.#scheduler.now + dice.wait(30_000)
        this.#options.onStep?.(this.#scheduler.now, upstream.id, `is ${state} for a while`)
        this.#linkUntil.set(upstream, { state, until })
      }
      strike(plan.blackout, cut('black'))
      strike(plan.shut, cut('shut'))
    }
    strike(plan.journal_power, () => this.#journal.losePower(dice.wait(5_000)))
    strike(plan.journal_down, () => this.#journal.goDown(dice.wait(10_000)))
    strike(plan.hints, () => this.#hints.clear())
    this.#scheduler.at(until, () => this.#heal())
  }

  #heal(): void {
    this.#healed = true
    for (const fault of Object.keys(this.#plan) as Fault[]) {
      // What strikes single messages stops too, but what is under way arrives as late as it was going to.
      ;(this.#plan as Record<Fault, number>)[fault] = 0
    }
  }

  #crash(instance: number): void {
    const { incarnation } = this.#processes[instance] as GatewayProcess
    if (!incarnation.alive || this.#healed) return
    this.#options.onStep?.(this.#scheduler.now, incarnation.name, 'dies')
    incarnation.die()
    this.#scheduler.after(this.#dice.between(200, 30_000), () =>
      this.#start(instance, incarnation.number + 1),
    )
  }

  #stand(instance: number, frozen: boolean): void {
    const { incarnation } = this.#processes[instance] as GatewayProcess
    const ms = this.#dice.chance(0.3) ? this.#dice.between(1_000, 150_000) : this.#dice.between(100, 5_000)
    this.#options.onStep?.(
      this.#scheduler.now,
      incarnation.name,
      `${frozen ? 'freezes' : 'stands still'} for ${ms}`,
    )
    incarnation.stand(ms, frozen)
  }

  #ask<T>(
    dice: Dice,
    patienceMs: number,
    run: (gateway: GatewayProcess) => Promise<T>,
  ): Promise<T | undefined> {
    const process = this.#processes[dice.whole(0, INSTANCES - 1)] as GatewayProcess
    return new Promise(resolve => {
      this.#scheduler.after(patienceMs, () => resolve(undefined))
      if (!process.incarnation.responsive) return
      run(process).then(
        value => process.incarnation.deliver(1, () => resolve(value)),
        (error: unknown) => {
          if (!(error instanceof JournalUnavailable)) this.#bug(error)
          process.incarnation.deliver(1, () => resolve(undefined))
        },
      )
    })
  }

  #bug(error: unknown): void {
    this.#oracle.fail('bug', error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}

function describe(payment: {
  readonly id: string
  readonly result?: string
  readonly attempts: readonly { readonly status: string }[]
}): string {
  const attempts = payment.attempts.map(({ status }) => status).join(', ')
  return `${payment.id}: ${payment.result ?? 'open'} [${attempts}]`
}
