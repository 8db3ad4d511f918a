import type { Dice } from './dice.ts'
import type { FaultPlan } from './fault-plan.ts'
import type { GatewayProcess } from './gateway-process.ts'
import type { SimulatedHints } from './hints.ts'
import type { Incarnation } from './incarnation.ts'
import type { SimulatedJournal } from './journal.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedUpstream } from './upstream.ts'

/** How far a machine's wall clock may be from the true time, ms: half of what two clocks may differ by. */
export const SKEW_MAX_MS = 900

export interface TroubleParts {
  readonly scheduler: Scheduler
  readonly plan: FaultPlan
  readonly dice: Dice
  readonly journal: SimulatedJournal
  readonly hints: SimulatedHints
  readonly upstreams: readonly SimulatedUpstream[]
  readonly instances: number
  readonly processOf: (instance: number) => GatewayProcess
  /** Starts the next life of an instance that has died. */
  readonly restart: (died: Incarnation) => void
  readonly tell: (who: string, what: string) => void
}

/** What strikes whole machines and links rather than single messages. */
export class Trouble {
  readonly #parts: TroubleParts
  readonly #links = new Map<SimulatedUpstream, { state: 'black' | 'shut'; until: number }>()
  #healed = false

  constructor(parts: TroubleParts) {
    this.#parts = parts
  }

  /** Machines fail until then. */
  plan(until: number): void {
    const { plan, dice, instances, upstreams, journal, hints } = this.#parts
    for (let instance = 0; instance < instances; instance++) {
      this.#strike(plan.crash, until, () => this.#crash(instance))
      this.#strike(plan.pause, until, () => this.#stand(instance, false, dice))
      this.#strike(plan.freeze, until, () => this.#stand(instance, true, dice))
      this.#strike(plan.skew, until, () => {
        this.#parts.processOf(instance).incarnation.skewMs = dice.between(-SKEW_MAX_MS, SKEW_MAX_MS)
      })
    }
    for (const upstream of upstreams) {
      this.#strike(plan.blackout, until, () => this.#cut(upstream, 'black'))
      this.#strike(plan.shut, until, () => this.#cut(upstream, 'shut'))
    }
    this.#strike(plan.journal_power, until, () => journal.losePower(dice.wait(5_000)))
    this.#strike(plan.journal_down, until, () => journal.goDown(dice.wait(10_000)))
    this.#strike(plan.hints, until, () => hints.clear())
  }

  /** Who is dead stays to be restarted, but nobody dies any more. */
  heal(): void {
    this.#healed = true
  }

  /** Strikes a process that has just asked an upstream something. */
  whileWaiting(who: Incarnation, dice: Dice): void {
    this.#meanwhile(who, dice, this.#parts.plan.pause_waiting, this.#parts.plan.crash_waiting)
  }

  /** Strikes a process that has just called the journal. */
  whileWriting(who: Incarnation, dice: Dice): void {
    this.#meanwhile(who, dice, this.#parts.plan.pause_writing, this.#parts.plan.crash_writing)
  }

  #meanwhile({ instance }: Incarnation, dice: Dice, pause: number, crash: number): void {
    if (dice.chance(pause)) this.#stand(instance, false, dice)
    if (dice.chance(crash)) this.#crash(instance)
  }

  linkTo(upstream: SimulatedUpstream): 'open' | 'black' | 'shut' {
    const link = this.#links.get(upstream)
    return link !== undefined && this.#parts.scheduler.now < link.until ? link.state : 'open'
  }

  #strike(perMinute: number, until: number, run: () => void): void {
    const { dice, scheduler } = this.#parts
    if (perMinute <= 0) return
    for (let at = dice.wait(60_000 / perMinute); at < until; at += dice.wait(60_000 / perMinute)) {
      scheduler.at(at, run)
    }
  }

  #crash(instance: number): void {
    const { incarnation } = this.#parts.processOf(instance)
    if (!incarnation.alive || this.#healed) return
    this.#parts.tell(incarnation.name, 'dies')
    incarnation.die()
    const { scheduler, dice, restart } = this.#parts
    scheduler.after(dice.between(200, 30_000), () => restart(incarnation))
  }

  #stand(instance: number, frozen: boolean, dice: Dice): void {
    const { incarnation } = this.#parts.processOf(instance)
    const ms = dice.chance(0.3) ? dice.between(1_000, 150_000) : dice.between(100, 5_000)
    this.#parts.tell(incarnation.name, `${frozen ? 'freezes' : 'stands still'} for ${Math.round(ms)} ms`)
    incarnation.stand(ms, frozen)
  }

  #cut(upstream: SimulatedUpstream, state: 'black' | 'shut'): void {
    const ms = this.#parts.dice.wait(30_000)
    this.#parts.tell(upstream.id, `is ${state} for ${Math.round(ms)} ms`)
    this.#links.set(upstream, { state, until: this.#parts.scheduler.now + ms })
  }
}
