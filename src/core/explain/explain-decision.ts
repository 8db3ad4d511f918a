import { alternatives, type Candidate, type Decision } from '../decision.ts'
import type { GateVerdicts } from '../eligibility/gates.ts'
import type { Tender } from '../payment/context.ts'
import type { Route } from '../payment/route.ts'
import { type Audience, type Explanation, explainReasons, helpsOnline } from './explain.ts'
import { isReasonCode, REASON_DIMENSIONS } from './codes.ts'
import { labelOf, type Locale } from './locale.ts'
import { creditNotice, type CreditNotice } from './rights.ts'

/** One way to pay, and why it is or is not on offer. */
export interface RouteExplanation {
  readonly route: string
  readonly tender: Tender
  readonly label: string
  readonly offered: boolean
  /** By influence; a shopper is told at most four. */
  readonly reasons: readonly Explanation[]
  /** With every refusal of credit. */
  readonly credit?: CreditNotice
  /** For operators: every gate that objects. */
  readonly gates?: GateVerdicts
}

export interface DecisionExplanation {
  readonly routes: readonly RouteExplanation[]
  /** Other ways to pay that work now, best first, from the same decision. */
  readonly alternatives: readonly {
    readonly tender: Tender
    readonly route: string
    readonly label: string
  }[]
}

export interface DecisionReader extends Audience {
  readonly locale: Locale
  /** False when even whether credit is on offer is not to be told. */
  readonly tellsOffer: boolean
  /** The day of the decision at a route's lender, and where to ask for a review. */
  readonly lenderOf: (route: Route) => { readonly decidedOn: string; readonly contact?: string }
}

/**
 * A decision in words. A shopper reads one entry per tender, because acquirers mean nothing to a shopper: the route that
 * is on offer, else the one with the fewest reasons against it. An operator reads every route with its gates.
 */
export function explainDecision(
  decision: Decision,
  routes: readonly Route[],
  reader: DecisionReader,
): DecisionExplanation {
  const told = decision.candidates.map(candidate => mask(candidate, reader))
  const shown = reader.reader === 'operator' ? told : bestPerTender(told)
  const ways = alternatives({ ...decision, candidates: told }, routes)
  return {
    routes: shown.map(candidate => explainRoute(candidate, decision, routes, reader)),
    alternatives: ways.map(({ tender, route }) => {
      const found = routes.find(({ id }) => id === route)
      return { tender, route, label: labelOf(found ?? { tender }, reader.locale) }
    }),
  }
}

/** A candidate as it may be told: of credit that is not to be spoken of, nothing but that it is not available. */
export function mask<C extends Pick<Candidate, 'tender' | 'eligible' | 'reasons' | 'gates'>>(
  candidate: C,
  reader: { readonly tellsOffer: boolean },
): C {
  if (candidate.tender !== 'credit' || reader.tellsOffer) return candidate
  return {
    ...candidate,
    eligible: false,
    reasons: ['CRD_UNAVAILABLE'],
    gates: { credit: ['CRD_UNAVAILABLE'] },
  }
}

/** The gates without credit reasons, for a reader who may not see them. */
export function gatesFor(gates: GateVerdicts, reader: Pick<Audience, 'creditReasons'>): GateVerdicts {
  if (!Object.values(gates).flat().some(isCreditCode) || reader.creditReasons) return gates
  const hidden = (code: string): string => (isCreditCode(code) ? 'CRD_UNAVAILABLE' : code)
  return Object.fromEntries(
    Object.entries(gates).map(([gate, codes]) => [gate, [...new Set(codes.map(hidden))]]),
  )
}

export function isCreditCode(code: string): boolean {
  return isReasonCode(code) && REASON_DIMENSIONS[code] === 'credit'
}

function bestPerTender(candidates: readonly Candidate[]): Candidate[] {
  const best = new Map<Tender, Candidate>()
  for (const candidate of candidates) {
    const other = best.get(candidate.tender)
    if (other === undefined || isBetter(candidate, other)) best.set(candidate.tender, candidate)
  }
  return [...best.values()]
}

function isBetter(a: Candidate, b: Candidate): boolean {
  if (a.eligible !== b.eligible) return a.eligible
  return !a.eligible && a.reasons.length < b.reasons.length
}

function explainRoute(
  candidate: Candidate,
  { inputs: { context, now } }: Decision,
  routes: readonly Route[],
  reader: DecisionReader,
): RouteExplanation {
  const route = routes.find(({ id }) => id === candidate.route)
  const label = labelOf(route ?? candidate, reader.locale)
  const excluded = route?.capability.excludedCategories ?? []
  const window = route?.maintenance.find(({ from, to }) => from <= now && now < to)
  const reasons = explainReasons(candidate.reasons, {
    reader: reader.reader,
    creditReasons: candidate.reasons.some(isCreditCode) && reader.creditReasons,
    locale: reader.locale,
    tender: label,
    online: helpsOnline(context.channel, route?.capability.channels),
    items: (context.items ?? []).filter(({ category }) => excluded.includes(category)).map(({ id }) => id),
    ...(window === undefined ? {} : { until: window.to }),
  })
  const refusesCredit = reasons.some(({ code }) => isCreditCode(code))
  return {
    route: candidate.route,
    tender: candidate.tender,
    label,
    offered: candidate.eligible,
    reasons,
    ...(refusesCredit && route !== undefined ? { credit: noticeOf(route, reader) } : {}),
    ...(reader.reader === 'operator' ? { gates: gatesFor(candidate.gates, reader) } : {}),
  }
}

function noticeOf(route: Route, reader: DecisionReader): CreditNotice {
  const { decidedOn, contact } = reader.lenderOf(route)
  return creditNotice(route.lender ?? route.id, decidedOn, contact, reader.locale)
}
