import {
  type AppetiteChange,
  type AppetiteIndicators,
  type AppetiteState,
  type AppetiteStep,
  DEFAULT_APPETITE_RULES,
  evaluateAppetite,
  initialAppetite,
  setPosture,
} from '../core/credit/risk-appetite.ts'
import type { RiskPosture } from '../core/credit/types.ts'
import type { GatewayPorts } from './runtime.ts'

const COLLECTION = 'credit_appetite'
const KEY = 'appetite'
/** Changes kept beside the state, newest last. */
const CHANGES_MAX = 200
/** Pace of the rules, ms. */
const EVALUATE_MS = 60_000

interface Kept {
  readonly state: AppetiteState
  readonly evaluatedAtMs: number
  /** The audit trail: written with the state or not at all. */
  readonly changes: readonly AppetiteChange[]
}

export interface PostureOrder {
  readonly posture: RiskPosture
  readonly actor: string
  readonly reason: string
  /** Unix ms. */
  readonly untilMs: number
}

/** The lender's appetite for risk, one for all instances: kept in the journal, moved by rule or by hand, audited. */
export class Appetite {
  readonly #ports: GatewayPorts
  readonly #indicators: () => AppetiteIndicators
  #kept: Kept | undefined
  #version = 0

  constructor(ports: GatewayPorts, indicators: () => AppetiteIndicators) {
    this.#ports = ports
    this.#indicators = indicators
  }

  posture(): RiskPosture {
    return this.#kept?.state.posture ?? 'neutral'
  }

  /** What stands, and the latest changes with who made them and why. */
  view(): {
    readonly posture: RiskPosture
    readonly state: AppetiteState
    readonly changes: readonly AppetiteChange[]
  } {
    const { state, changes } = this.#kept ?? this.#first()
    return { posture: state.posture, state, changes }
  }

  /** Reads what stands, and evaluates the rules when it is time and nobody else has. */
  async refresh(): Promise<void> {
    await this.#read()
    const now = this.#ports.clock.now()
    const kept = this.#kept ?? this.#first()
    if (this.#kept !== undefined && now - kept.evaluatedAtMs < EVALUATE_MS) return
    const step = evaluateAppetite(kept.state, this.#indicators(), DEFAULT_APPETITE_RULES, now)
    await this.#write(kept, step, now)
    this.#ports.telemetry.record({ kind: 'appetite', posture: this.posture() })
  }

  /**
   * A person takes the posture in hand. False when somebody else did at the same moment.
   * @throws RangeError when the order has no actor, no reason, or no end within bounds.
   */
  async set(order: PostureOrder): Promise<boolean> {
    await this.#read()
    const now = this.#ports.clock.now()
    const kept = this.#kept ?? this.#first()
    const done = await this.#write(
      kept,
      setPosture(kept.state, order, DEFAULT_APPETITE_RULES, now),
      kept.evaluatedAtMs,
    )
    this.#ports.telemetry.record({ kind: 'appetite', posture: this.posture() })
    return done
  }

  #first(): Kept {
    return { state: initialAppetite(this.#ports.clock.now()), evaluatedAtMs: 0, changes: [] }
  }

  async #read(): Promise<void> {
    const row = await this.#ports.journal.getRecord(COLLECTION, KEY)
    if (row === undefined || row.version === this.#version) return
    this.#kept = JSON.parse(row.body) as Kept
    this.#version = row.version
  }

  async #write(before: Kept, { state, change }: AppetiteStep, evaluatedAtMs: number): Promise<boolean> {
    const changes = change === undefined ? before.changes : [...before.changes, change].slice(-CHANGES_MAX)
    const kept: Kept = { state, evaluatedAtMs, changes }
    const row = { collection: COLLECTION, key: KEY, at: this.#ports.clock.now(), body: JSON.stringify(kept) }
    if (!(await this.#ports.journal.putRecord(row, this.#version))) return false
    this.#kept = kept
    this.#version++
    return true
  }
}
