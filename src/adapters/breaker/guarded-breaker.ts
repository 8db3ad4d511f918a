import type { Breaker, BreakerState, BreakerView, Permit } from '../../ports/breaker.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Random } from '../../ports/random.ts'
import type { BreakerSettings, Circuit, CircuitFactory, CircuitStart } from './circuit.ts'

export interface GuardedBreakerOptions {
  readonly clock: Clock
  readonly random: Random
  readonly settings: (route: string) => BreakerSettings
  /** Told of every change of the state that callers see. May throw; that is ignored. */
  readonly onChange?: (route: string, state: BreakerState) => void
  /** What `snapshot` gave before the process or the object ended. */
  readonly restored?: readonly BreakerSnapshot[]
}

/** All that must outlive an instance. Unix ms. */
export interface BreakerSnapshot {
  readonly route: string
  readonly state: BreakerState
  readonly since: number
  /** How long it was to stay open, counted from `since`. */
  readonly openMs: number
  /** Openings in a row without a close between them. */
  readonly openings: number
  readonly forced?: Force
}

type Force = NonNullable<BreakerView['forced']>

/** A permit as it is handed out. The number survives structured cloning, as identity would not. */
interface NumberedPermit extends Permit {
  readonly number: number
}

interface Desk {
  readonly route: string
  readonly settings: BreakerSettings
  circuit: Circuit
  state: BreakerState
  generation: number
  since: number
  openMs: number
  openings: number
  forced: Force | undefined
  /** Permits out, oldest first, with the generation they belong to and the monotonic ms at which they expire. */
  readonly permits: Map<number, { readonly generation: number; readonly expiresAt: number }>
  probe: number | undefined
}

/** More calls than this at once are not let through to one route. */
const PERMITS_MAX = 10_000

/**
 * The port's rules over any circuit: permits that expire, one probe, generations, operators.
 *
 * The circuit hears of a call when it ends, not when it begins. So a call given back counts for nothing (a library
 * that wraps the call would have to take it for a success and close on it), calls longer than the window are
 * counted, and nothing hangs on a promise that never settles.
 */
export class GuardedBreaker implements Breaker {
  readonly #options: GuardedBreakerOptions
  readonly #factory: CircuitFactory
  readonly #desks = new Map<string, Desk>()
  #lastNumber = 0

  constructor(factory: CircuitFactory, options: GuardedBreakerOptions) {
    this.#factory = factory
    this.#options = options
    for (const snapshot of options.restored ?? []) this.#open(snapshot.route, snapshot)
  }

  state(route: string): BreakerState {
    return this.#desk(route).state
  }

  permit(route: string): Permit | undefined {
    const desk = this.#desk(route)
    if (desk.state === 'open' || desk.permits.size >= PERMITS_MAX) return undefined
    if (desk.state === 'half_open' && desk.probe !== undefined) return undefined
    const permit: NumberedPermit = { route, generation: desk.generation, number: ++this.#lastNumber }
    const expiresAt = this.#options.clock.monotonic() + desk.settings.permitMs
    desk.permits.set(permit.number, { generation: desk.generation, expiresAt })
    if (desk.state === 'half_open') desk.probe = permit.number
    return permit
  }

  settle(permit: Permit, outcome: 'success' | 'failure'): void {
    const desk = this.#desk(permit.route)
    const { number } = permit as NumberedPermit
    if (!desk.permits.delete(number)) return
    this.#record(desk, number, permit.generation, outcome)
  }

  cancel(permit: Permit): void {
    const desk = this.#desk(permit.route)
    const { number } = permit as NumberedPermit
    desk.permits.delete(number)
    if (desk.probe === number) desk.probe = undefined
  }

  force(route: string, state: 'open' | 'closed' | 'auto', reason: string, until: number): void {
    const desk = this.#desk(route)
    if (state === 'auto' || until <= this.#options.clock.now()) {
      this.#endForce(desk)
      return
    }
    desk.forced = { state, reason, until }
    this.#show(desk, state)
  }

  views(): BreakerView[] {
    return [...this.#desks.keys()].map(route => {
      const { state, since, forced } = this.#desk(route)
      return { route, state, since, ...(forced === undefined ? {} : { forced }) }
    })
  }

  /** What to hand to `restored` later. */
  snapshot(): BreakerSnapshot[] {
    return [...this.#desks.keys()].map(route => {
      const { state, since, openMs, openings, forced } = this.#desk(route)
      return { route, state, since, openMs, openings, ...(forced === undefined ? {} : { forced }) }
    })
  }

  /** Ends all timers. */
  stop(): void {
    for (const desk of this.#desks.values()) desk.circuit.stop()
  }

  /** The desk of a route with all that time has changed applied. */
  #desk(route: string): Desk {
    const desk = this.#desks.get(route) ?? this.#open(route)
    const { clock } = this.#options
    if (desk.forced !== undefined && desk.forced.until <= clock.now()) this.#endForce(desk)
    if (desk.permits.size > 0) this.#expire(desk, clock.monotonic())
    desk.circuit.state()
    return desk
  }

  #expire(desk: Desk, now: number): void {
    for (const [number, { generation, expiresAt }] of desk.permits) {
      if (expiresAt > now) return
      desk.permits.delete(number)
      this.#record(desk, number, generation, 'failure')
    }
  }

  #record(desk: Desk, number: number, generation: number, outcome: 'success' | 'failure'): void {
    if (desk.probe === number) desk.probe = undefined
    if (generation === desk.generation) desk.circuit.record(outcome)
  }

  #endForce(desk: Desk): void {
    if (desk.forced === undefined) return
    const wasOpen = desk.forced.state === 'open'
    desk.forced = undefined
    // Held open, nothing is known of the route, so it is probed; held closed, it starts with a clean window.
    this.#restart(desk, { state: wasOpen ? 'half_open' : 'closed' })
  }

  #restart(desk: Desk, start: CircuitStart): void {
    desk.circuit.stop()
    desk.openings = 0
    desk.circuit = this.#circuit(desk, start)
    this.#show(desk, start.state)
  }

  #open(route: string, snapshot?: BreakerSnapshot): Desk {
    const { clock, settings } = this.#options
    const desk: Desk = {
      route,
      settings: settings(route),
      circuit: undefined as unknown as Circuit,
      state: snapshot?.state ?? 'closed',
      generation: 1,
      since: snapshot?.since ?? clock.now(),
      openMs: snapshot?.openMs ?? 0,
      openings: snapshot?.openings ?? 0,
      forced: snapshot?.forced,
      permits: new Map(),
      probe: undefined,
    }
    this.#desks.set(route, desk)
    desk.circuit = this.#circuit(desk, startOf(desk, clock.now()))
    return desk
  }

  #circuit(desk: Desk, start: CircuitStart): Circuit {
    return this.#factory({
      route: desk.route,
      settings: desk.settings,
      start,
      openMs: () => this.#openMs(desk),
      onChange: state => {
        // What the circuit does while an operator holds it is dropped with it when the hold ends.
        if (desk.forced !== undefined) return
        if (state === 'closed') desk.openings = 0
        this.#show(desk, state)
      },
    })
  }

  #openMs(desk: Desk): number {
    const { resetMs, resetMaxMs, resetJitter } = desk.settings
    const grown = Math.min(resetMs * 2 ** Math.min(desk.openings, 30), Math.max(resetMs, resetMaxMs))
    desk.openings++
    desk.openMs = Math.round(grown * (1 + resetJitter * (2 * this.#options.random.next() - 1)))
    return desk.openMs
  }

  #show(desk: Desk, state: BreakerState): void {
    desk.generation++
    desk.probe = undefined
    if (desk.state === state) return
    desk.state = state
    desk.since = this.#options.clock.now()
    try {
      this.#options.onChange?.(desk.route, state)
    } catch {
      // A listener's mistake must not decide about a payment.
    }
  }
}

function startOf(desk: Desk, now: number): CircuitStart {
  if (desk.state !== 'open') return { state: desk.state }
  // A clock set back must not keep a route shut for longer than one open time.
  const elapsedMs = Math.max(0, now - desk.since)
  return { state: 'open', remainingMs: Math.max(0, desk.openMs - elapsedMs) }
}
