import { seededRandom } from '../../adapters/memory/random.ts'
import type { Payment } from '../../core/payment/payment.ts'
import { receiveNotification } from '../../gateway/notify.ts'
import { DEFAULT_SETTINGS } from '../../gateway/runtime.ts'
import { JournalUnavailable } from '../../ports/journal.ts'
import type { Random } from '../../ports/random.ts'
import { closeBooks } from './books.ts'
import { Client, TENANT } from './clients.ts'
import type { Network } from './connector.ts'
import { Dice } from './dice.ts'
import { directedPlan, drawFaultPlan, FAULT_NAMES, type Fault, planWithout } from './fault-plan.ts'
import { GatewayProcess } from './gateway-process.ts'
import { SimulatedHints } from './hints.ts'
import { Incarnation } from './incarnation.ts'
import { SimulatedJournal } from './journal.ts'
import { Notices } from './notices.ts'
import { Oracle } from './oracle.ts'
import { capOf, POOL } from './policy.ts'
import { NeverAtRest, Scheduler } from './scheduler.ts'
import { SKEW_MAX_MS, Trouble } from './trouble.ts'
import { SimulatedUpstream } from './upstream.ts'
import { MIXED, UPSTREAM_TYPES } from './upstream-types.ts'
import {
  healsAtMs,
  ORDER_EVERY_MS,
  type OnStep,
  type WorldOptions,
  type WorldResult,
} from './world-options.ts'

const INSTANCES = 3
const ROUTES = 3
/** All must have come to rest by then, ms: a day of patience, and the longest waits after it. */
const REST_BY_MS = 40 * 3_600_000
/** Far more than any payment needs that comes to rest. */
const EVENTS_PER_ORDER_MAX = 5_000
const EVENTS_MAX = 100_000

/** One seed's world: instances of the gateway, a journal, upstreams, clients, and everything that goes wrong. */
export class World {
  readonly #options: WorldOptions
  readonly #onStep: OnStep | undefined
  readonly #scheduler: Scheduler
  readonly #plan: Record<Fault, number>
  readonly #faults: readonly Fault[]
  readonly #dice: Dice
  readonly #orderDice = new Map<string, Dice>()
  readonly #random: Random
  readonly #oracle: Oracle
  readonly #journal: SimulatedJournal
  readonly #hints: SimulatedHints
  readonly #upstreams: SimulatedUpstream[]
  readonly #processes: GatewayProcess[] = []
  readonly #notices: Notices
  readonly #network: Network
  readonly #trouble: Trouble

  constructor(options: WorldOptions, onStep?: OnStep) {
    this.#options = options
    this.#onStep = onStep
    const { seed, orders, without, faults } = options
    const plan = planWithout(faults === undefined ? drawFaultPlan(seed) : directedPlan(faults), without)
    this.#plan = plan
    this.#faults = FAULT_NAMES.filter(fault => plan[fault] > 0)
    this.#dice = new Dice(seed, 'machines')
    this.#random = seededRandom(seed)
    const scheduler = new Scheduler(EVENTS_MAX + orders * EVENTS_PER_ORDER_MAX)
    this.#scheduler = scheduler
    this.#oracle = new Oracle(
      () => scheduler.now,
      () => this.#upstreams,
    )
    this.#journal = this.#buildJournal()
    this.#hints = new SimulatedHints(plan.hints, new Dice(seed, 'hints'))
    this.#upstreams = this.#buildUpstreams()
    this.#trouble = this.#buildTrouble()
    this.#network = this.#buildNetwork()
    this.#notices = new Notices({
      scheduler,
      plan,
      diceOf: order => this.#diceOf(order),
      refundDiceOf: order => this.#refundDiceOf(order),
      lied: order => this.#oracle.contradicted.add(order),
      fail: (invariant, text) => this.#oracle.fail(invariant, text),
      tell: (who, what) => onStep?.(scheduler.now, who, what()),
      bring: (route, headers, body, dice) =>
        this.#ask(dice, 10_000, ({ gateway, facts }) =>
          receiveNotification(gateway, facts, route, headers, body),
        ),
    })
    this.#journal.onCall = (who, dice) => this.#trouble.whileWriting(who, dice)
    this.#journal.onDue = at => {
      for (const process of this.#processes) process.wake(at)
    }
  }

  async run(): Promise<WorldResult> {
    const { seed, orders, only } = this.#options
    const { memory } = this.#journal
    await memory.declareFunds(POOL.pool, POOL.source, capOf(seed, orders))
    // Long before the first order: no loss of power takes the pool itself away.
    memory.settleTail()
    for (let instance = 0; instance < INSTANCES; instance++) this.#start(instance, 0)
    const until = healsAtMs(this.#options)
    this.#trouble.plan(until)
    this.#scheduler.at(until, () => this.#heal())
    for (let order = 0; order < orders; order++) {
      if (only === undefined || only.includes(order)) this.#startClient(order)
    }
    const { violations } = this.#oracle
    try {
      await this.#scheduler.run(REST_BY_MS, () => violations.length > 0)
      // The last events of a machine whose clock is ahead are due in a moment only.
      this.#scheduler.after(2 * SKEW_MAX_MS, () => undefined)
      await this.#scheduler.run(REST_BY_MS + 3 * SKEW_MAX_MS, () => violations.length > 0)
    } catch (error) {
      if (error instanceof NeverAtRest) this.#oracle.fail('I17', 'the world does not come to rest')
      else this.#bug(error)
    }
    // A world that was stopped in the middle has open payments of course.
    const found = violations.length
    const ending = await closeBooks(TENANT, orders, this.#journal, this.#upstreams, this.#oracle)
    return {
      violations: found > 0 ? violations.slice(0, found) : violations,
      faults: this.#faults,
      ending,
      events: this.#scheduler.count,
      hash: this.#scheduler.hash,
      tookMs: this.#scheduler.now,
    }
  }

  /** Upstream references and payment ids of an order, and the keys that led to them. */
  idsOf(order: number): ReadonlySet<string> {
    return this.#oracle.idsOf(order)
  }

  #startClient(order: number): void {
    const dice = new Dice(this.#options.seed, `client ${order}`)
    const captures = new Dice(this.#options.seed, `captures of order ${order}`)
    const client = new Client(
      {
        scheduler: this.#scheduler,
        plan: this.#plan,
        oracle: this.#oracle,
        ask: (with_, patienceMs, run) => this.#ask(with_, patienceMs, run),
        isLast: () => captures.chance(this.#plan.last_capture),
        tell: what => this.#onStep?.(this.#scheduler.now, `client ${order}`, what()),
      },
      dice,
      order,
    )
    this.#scheduler.at(dice.between(0, this.#options.orders * ORDER_EVERY_MS), () => {
      client.run().catch((error: unknown) => this.#bug(error))
    })
  }

  #buildJournal(): SimulatedJournal {
    const onStep = this.#onStep
    const scheduler = this.#scheduler
    return new SimulatedJournal(scheduler, this.#plan, new Dice(this.#options.seed, 'journal'), {
      applied: (payment, write, by) => {
        scheduler.mix(payment.attempts.length + payment.operations.length)
        onStep?.(scheduler.now, 'journal', `${by.name} wrote ${describe(payment)}`)
        this.#oracle.applied(payment, write, by)
      },
      reserved: (funds, by) => this.#oracle.reserved(funds, by),
      exhausted: (payment, by) =>
        onStep?.(scheduler.now, 'journal', `refuses ${by.name} the funds for ${payment.id}`),
      durable: payment => this.#oracle.makeDurable(payment),
      claimed: (stored, by) => {
        onStep?.(
          scheduler.now,
          'journal',
          `${by.name} takes over ${stored.payment.id}, epoch ${stored.epoch}`,
        )
        this.#oracle.claimed(stored, by)
      },
      powerLost: open => {
        onStep?.(scheduler.now, 'journal', 'lost power and what was not synced')
        this.#oracle.powerLost(open)
      },
    })
  }

  #buildUpstreams(): SimulatedUpstream[] {
    const { type, seed } = this.#options
    const dice = new Dice(seed, 'upstream types')
    const named = UPSTREAM_TYPES.find(({ name }) => name === type)
    if (named === undefined && type !== MIXED) throw new TypeError(`there is no upstream type "${type}"`)
    return Array.from({ length: ROUTES }, (_, position) => {
      const kind = named ?? dice.pick(UPSTREAM_TYPES)
      const upstream: SimulatedUpstream = new SimulatedUpstream(`route-${position}`, kind, {
        now: () => this.#journal.now(),
        after: (ms, run) => this.#scheduler.after(ms, run),
        diceOf: order => this.#diceOf(order),
        refundDiceOf: order => this.#refundDiceOf(order),
        plan: this.#plan,
        onLedger: (step, payment, value) => {
          const { reference } = payment
          this.#onStep?.(this.#scheduler.now, upstream.id, `books ${step} ${value} for ${reference}`)
          this.#oracle.ledger(upstream, step, payment, payment.flipped)
        },
        onFinal: payment => this.#notices.tell(upstream, payment),
        onRefund: (payment, refund, contradicts) =>
          this.#notices.tellRefund(upstream, payment, refund, contradicts),
      })
      return upstream
    })
  }

  #buildTrouble(): Trouble {
    return new Trouble({
      scheduler: this.#scheduler,
      plan: this.#plan,
      dice: this.#dice,
      journal: this.#journal,
      hints: this.#hints,
      upstreams: this.#upstreams,
      instances: INSTANCES,
      processOf: instance => this.#processes[instance] as GatewayProcess,
      restart: ({ instance, number }) => this.#start(instance, number + 1),
      tell: (who, what) => this.#onStep?.(this.#scheduler.now, who, what),
    })
  }

  #buildNetwork(): Network {
    const onStep = this.#onStep
    const scheduler = this.#scheduler
    return {
      scheduler,
      plan: this.#plan,
      diceOf: reference => this.#diceOf(this.#orderOf(reference)),
      orderOf: reference => this.#orderOf(reference),
      stateOf: upstream => this.#trouble.linkTo(upstream),
      whileWaiting: (who, dice) => this.#trouble.whileWaiting(who, dice),
      watcher: {
        sends: (upstream, request, by) => this.#oracle.sends(upstream, request, by),
        left: (upstream, request) => this.#oracle.left(upstream, request),
        asks: (upstream, what, reference, by) =>
          onStep?.(scheduler.now, by.name, `asks ${upstream.id} to ${what} ${reference}`),
        hears: (what, reference, result, by) =>
          onStep?.(scheduler.now, by.name, `hears about ${what} of ${reference}: ${JSON.stringify(result)}`),
      },
    }
  }

  #orderOf(reference: string): number {
    const payment = this.#oracle.durable.get(this.#oracle.references.get(reference) ?? '')
    return payment === undefined ? 0 : orderOf(payment)
  }

  #diceOf(order: number): Dice {
    return this.#diceFor(`order ${order}`)
  }

  #refundDiceOf(order: number): Dice {
    return this.#diceFor(`refunds of order ${order}`)
  }

  #diceFor(purpose: string): Dice {
    const known = this.#orderDice.get(purpose)
    if (known !== undefined) return known
    const dice = new Dice(this.#options.seed, purpose)
    this.#orderDice.set(purpose, dice)
    return dice
  }

  #start(instance: number, number: number): void {
    const skewMs = this.#plan.skew > 0 ? this.#dice.between(-SKEW_MAX_MS, SKEW_MAX_MS) : 0
    const incarnation = new Incarnation(this.#scheduler, instance, number, skewMs)
    this.#onStep?.(this.#scheduler.now, incarnation.name, 'starts')
    const process = new GatewayProcess(incarnation, {
      scheduler: this.#scheduler,
      journal: this.#journal,
      hints: this.#hints,
      network: this.#network,
      upstreams: this.#upstreams,
      random: this.#random,
      leaseMs: this.#options.leaseMs ?? DEFAULT_SETTINGS.leaseMs,
      diceOf: id => this.#diceOf(Number(id.slice(id.indexOf('-') + 1))),
      onBug: error => this.#bug(error),
    })
    this.#processes[instance] = process
    const next = this.#journal.nextClaim()
    if (next !== undefined) process.wake(next)
  }

  /** What strikes single messages stops too, but what is under way arrives as late as it was going to. */
  #heal(): void {
    this.#trouble.heal()
    for (const fault of FAULT_NAMES) this.#plan[fault] = 0
    this.#onStep?.(this.#scheduler.now, 'world', 'no more faults from here')
  }

  #ask<T>(
    dice: Dice,
    patienceMs: number,
    run: (gateway: GatewayProcess) => Promise<T>,
  ): Promise<T | undefined> {
    const process = this.#processes[dice.whole(0, INSTANCES - 1)] as GatewayProcess
    return new Promise(resolve => {
      const patience = this.#scheduler.after(patienceMs, () => resolve(undefined))
      if (!process.incarnation.responsive) return
      const answer = (value: T | undefined): void => {
        patience.run = undefined
        resolve(value)
      }
      run(process).then(
        value => process.incarnation.deliver(1, () => answer(value)),
        (error: unknown) => {
          if (!(error instanceof JournalUnavailable)) this.#bug(error)
          process.incarnation.deliver(1, () => answer(undefined))
        },
      )
    })
  }

  #bug(error: unknown): void {
    this.#oracle.fail('bug', error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
}

function orderOf({ context }: Payment): number {
  return Number(context.orderId.slice('order-'.length))
}

function describe({ id, result, manual, attempts, operations, obligations }: Payment): string {
  const parts = [
    ...attempts.map(({ reference, status }) => `${reference} ${status}`),
    ...operations.map(operation => `${operation.id} ${operation.status}`),
    ...obligations.map(({ reference, status }) => `give back ${reference} ${status}`),
  ]
  const stands = [result ?? 'open', ...(manual === undefined ? [] : [manual])]
  return `${id}: ${stands.join(', ')} [${parts.join(', ')}]`
}
