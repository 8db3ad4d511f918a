import type { LiquidityLevel } from '../liquidity/types.ts'
import type { RiskPosture } from './types.ts'

/** What moves the appetite by rule; null when it is not known at the moment. */
export interface AppetiteIndicators {
  readonly liquidity: LiquidityLevel | null
  /** Roll rate M1 to M2, relative change over four weeks (.2 is +20 %). */
  readonly rollRateChange: number | null
  /** First-payment default, relative change over four weeks. */
  readonly firstPaymentDefaultChange: number | null
}

/** Levels at which an indicator speaks; entering takes more than staying, so that the posture does not flap. */
export interface AppetiteThreshold {
  readonly liquidity: LiquidityLevel
  readonly rollRateChange: number
  readonly firstPaymentDefaultChange: number
}

export interface AppetiteRules {
  /** Contraction begins when any indicator reaches `enter` and ends when all are under `stay`. */
  readonly contraction: { readonly enter: AppetiteThreshold; readonly stay: AppetiteThreshold }
  /** Expansion by rule, when all indicators are known and at or under `enter`, until one is above `stay`; null: by hand only. */
  readonly expansion: { readonly enter: AppetiteThreshold; readonly stay: AppetiteThreshold } | null
  /** Of this many latest evaluations ... */
  readonly evaluations: number
  /** ... so many have to agree before the posture moves. */
  readonly agreeing: number
  /** A posture is kept at least this long before a rule loosens it; tightening never waits. */
  readonly holdMs: number
  /** A posture set by hand ends by itself, at the latest after this long. */
  readonly manualMaxMs: number
}

const DAY_MS = 86_400_000

/** Proposed levels: red at +40 % roll rate or +50 % first-payment default; expansion by hand only. */
export const DEFAULT_APPETITE_RULES: AppetiteRules = {
  contraction: {
    enter: { liquidity: 'red', rollRateChange: 0.4, firstPaymentDefaultChange: 0.5 },
    stay: { liquidity: 'amber', rollRateChange: 0.2, firstPaymentDefaultChange: 0.25 },
  },
  expansion: null,
  evaluations: 3,
  agreeing: 2,
  holdMs: DAY_MS,
  manualMaxMs: 30 * DAY_MS,
}

export interface AppetiteState {
  readonly posture: RiskPosture
  readonly sinceMs: number
  /** Set while a person holds the posture. */
  readonly manual: { readonly actor: string; readonly untilMs: number } | null
  /** What the rules asked for lately, oldest first. */
  readonly recent: readonly RiskPosture[]
}

export type AppetiteCause = 'manual' | 'manual_ended' | 'rule' | 'hard_rule'

/** One audited change of posture. */
export interface AppetiteChange {
  readonly atMs: number
  readonly from: RiskPosture
  readonly to: RiskPosture
  readonly cause: AppetiteCause
  readonly actor: string | null
  readonly reason: string
  readonly indicators: AppetiteIndicators | null
}

export interface AppetiteStep {
  readonly state: AppetiteState
  /** Undefined when nothing changed that an auditor would ask about. */
  readonly change?: AppetiteChange
}

export function initialAppetite(atMs: number): AppetiteState {
  return { posture: 'neutral', sinceMs: atMs, manual: null, recent: [] }
}

/**
 * A person takes the posture in hand until a moment at most `manualMaxMs` away. The rules go on watching, and a black
 * liquidity level still contracts.
 *
 * @throws RangeError without an actor, a reason, or a moment within bounds.
 */
export function setPosture(
  state: AppetiteState,
  order: {
    readonly posture: RiskPosture
    readonly actor: string
    readonly reason: string
    readonly untilMs: number
  },
  rules: AppetiteRules,
  atMs: number,
): AppetiteStep {
  if (order.actor === '' || order.reason === '')
    throw new RangeError('a posture set by hand needs an actor and a reason')
  if (!(order.untilMs > atMs) || order.untilMs > atMs + rules.manualMaxMs) {
    throw new RangeError('a posture set by hand ends in the future, within the longest time allowed')
  }
  const manual = { actor: order.actor, untilMs: order.untilMs }
  return moveTo(
    { ...state, manual },
    order.posture,
    { cause: 'manual', actor: order.actor, reason: order.reason },
    null,
    atMs,
    true,
  )
}

/** One evaluation of the rules; call it at a steady pace. */
export function evaluateAppetite(
  state: AppetiteState,
  indicators: AppetiteIndicators,
  rules: AppetiteRules,
  atMs: number,
): AppetiteStep {
  const wanted = wantedPosture(state.posture, indicators, rules)
  const recent = [...state.recent, wanted].slice(-rules.evaluations)
  const watched: AppetiteState = { ...state, recent }
  if (indicators.liquidity === 'black' && state.posture !== 'contraction') {
    const why = { cause: 'hard_rule', actor: null, reason: 'liquidity is black' } as const
    return moveTo({ ...watched, manual: null }, 'contraction', why, indicators, atMs, true)
  }
  if (state.manual) {
    if (atMs < state.manual.untilMs) return { state: watched }
    const why = {
      cause: 'manual_ended',
      actor: state.manual.actor,
      reason: 'the time set by hand is over',
    } as const
    const next = wanted === 'expansion' ? 'neutral' : wanted
    return moveTo({ ...watched, manual: null }, next, why, indicators, atMs, true)
  }
  const agreeing = recent.filter(posture => posture === wanted).length
  const loosens = LOOSENESS.indexOf(wanted) > LOOSENESS.indexOf(state.posture)
  if (agreeing < rules.agreeing || (loosens && atMs - state.sinceMs < rules.holdMs)) return { state: watched }
  const why = { cause: 'rule', actor: null, reason: `${agreeing} of ${recent.length} evaluations` } as const
  return moveTo(watched, wanted, why, indicators, atMs, false)
}

const LOOSENESS: readonly RiskPosture[] = ['contraction', 'neutral', 'expansion']
const LEVELS: readonly LiquidityLevel[] = ['green', 'amber', 'red', 'black']

/** What the rules ask for now. An unknown indicator neither alarms nor reassures: it keeps things as they are. */
function wantedPosture(
  posture: RiskPosture,
  indicators: AppetiteIndicators,
  rules: AppetiteRules,
): RiskPosture {
  const limits = posture === 'contraction' ? rules.contraction.stay : rules.contraction.enter
  if (readings(indicators, limits).some(reading => reading === 'reached')) return 'contraction'
  if (posture === 'contraction' && readings(indicators, limits).includes('unknown')) return 'contraction'
  if (!rules.expansion) return 'neutral'
  const calm = posture === 'expansion' ? rules.expansion.stay : rules.expansion.enter
  return readings(indicators, calm, true).every(reading => reading === 'below') ? 'expansion' : 'neutral'
}

type Reading = 'below' | 'reached' | 'unknown'

/** @param inclusive whether standing exactly at the threshold still counts as below. */
function readings(indicators: AppetiteIndicators, limits: AppetiteThreshold, inclusive = false): Reading[] {
  const read = (value: number | null, limit: number): Reading => {
    if (value === null || Number.isNaN(value)) return 'unknown'
    return value < limit || (inclusive && value === limit) ? 'below' : 'reached'
  }
  return [
    read(indicators.liquidity && LEVELS.indexOf(indicators.liquidity), LEVELS.indexOf(limits.liquidity)),
    read(indicators.rollRateChange, limits.rollRateChange),
    read(indicators.firstPaymentDefaultChange, limits.firstPaymentDefaultChange),
  ]
}

function moveTo(
  state: AppetiteState,
  to: RiskPosture,
  why: { readonly cause: AppetiteCause; readonly actor: string | null; readonly reason: string },
  indicators: AppetiteIndicators | null,
  atMs: number,
  always: boolean,
): AppetiteStep {
  const { posture: from } = state
  if (from === to && !always) return { state }
  const sinceMs = from === to ? state.sinceMs : atMs
  return { state: { ...state, posture: to, sinceMs }, change: { atMs, from, to, ...why, indicators } }
}
