import type { Candidate, Decision, RouteInputs } from './decision.ts'
import type { RouteEstimate, RouteValue } from './scoring/value.ts'

type Belief = NonNullable<RouteEstimate['belief']>

/** What is known of a route. Numbers stand at their places, because to name them costs more than to write them. */
type RouteRow = [
  id: string,
  breaker: RouteInputs['breaker'],
  estimate: [approval: number, unknown: number, latencyMs: number, failure: number | null],
  belief: [settled: number[], suspected: number[], mode: Belief['mode']] | null,
  more: Omit<RouteInputs, 'breaker' | 'estimate'>,
]

/** The terms of a value that are not its route's estimate. */
type Terms = [
  index: number,
  gain: number,
  continuation: number,
  margin: number,
  cost: number,
  perAttempt: number,
  expectedLoss: number,
  shadowPrice: number,
  unknownCost: number,
  preference: number,
]

/** A candidate, without the terms of its value that are its route's estimate. */
type CandidateRow = [
  route: string,
  tender: Candidate['tender'],
  eligible: boolean,
  reasons: readonly string[],
  gates: Candidate['gates'],
  terms: Terms,
  closed?: NonNullable<Candidate['closed']>,
]

type Kept = Omit<Decision, 'inputs' | 'candidates'> & {
  readonly inputs: Omit<Decision['inputs'], 'routes'> & { readonly routes: readonly RouteRow[] }
  readonly candidates: readonly CandidateRow[]
}

/**
 * The whole record of a decision as text for the journal: half as long as the decision in full, of which most is the
 * names of numbers that every route repeats.
 */
export function writeDecision(decision: Decision): string {
  const { inputs, candidates } = decision
  const kept: Kept = {
    ...decision,
    inputs: { ...inputs, routes: Object.entries(inputs.routes).map(routeRow) },
    candidates: candidates.map(candidateRow),
  }
  return JSON.stringify(kept)
}

/** What `writeDecision` has written, equal to the decision bit for bit; or a record that an earlier build kept in full. */
export function readDecision(text: string): Decision {
  const kept = JSON.parse(text) as Kept | Decision
  if (!isKept(kept)) return kept
  const routes = Object.fromEntries(kept.inputs.routes.map(row => [row[0], routeOf(row)]))
  return {
    ...kept,
    inputs: { ...kept.inputs, routes },
    candidates: kept.candidates.map(row => candidateOf(row, (routes[row[0]] as RouteInputs).estimate)),
  }
}

function isKept(record: Kept | Decision): record is Kept {
  return Array.isArray(record.inputs.routes)
}

function routeRow([id, { breaker, estimate, ...more }]: [string, RouteInputs]): RouteRow {
  const { approval, unknown, latencyMs, failure = null, belief } = estimate
  return [id, breaker, [approval, unknown, latencyMs, failure], belief ? beliefRow(belief) : null, more]
}

function beliefRow({ settled, suspected, mode }: Belief): RouteRow[3] {
  return [[settled.mean, settled.strength], [suspected.mean, suspected.strength, suspected.weight], mode]
}

function routeOf([, breaker, [approval, unknown, latencyMs, failure], belief, more]: RouteRow): RouteInputs {
  const estimate: RouteEstimate = {
    approval,
    unknown,
    latencyMs,
    ...(failure === null ? {} : { failure }),
    ...(belief === null ? {} : { belief: beliefOf(belief) }),
  }
  return { breaker, estimate, ...more }
}

function beliefOf([settled, suspected, mode]: NonNullable<RouteRow[3]>): Belief {
  const [mean, strength] = settled as [number, number]
  const [moved, trials, weight] = suspected as [number, number, number]
  return { settled: { mean, strength }, suspected: { mean: moved, strength: trials, weight }, mode }
}

function candidateRow({ route, tender, eligible, reasons, gates, value, closed }: Candidate): CandidateRow {
  const terms: Terms = [
    value.index,
    value.gain,
    value.continuation,
    value.margin,
    value.cost,
    value.perAttempt,
    value.expectedLoss,
    value.shadowPrice,
    value.unknownCost,
    value.preference,
  ]
  const row: CandidateRow = [route, tender, eligible, reasons, gates, terms]
  if (closed !== undefined) row.push(closed)
  return row
}

function candidateOf(row: CandidateRow, estimate: RouteEstimate): Candidate {
  const [route, tender, eligible, reasons, gates, terms, closed] = row
  const value = valueOf(terms, estimate)
  return { route, tender, eligible, reasons, gates, value, ...(closed === undefined ? {} : { closed }) }
}

function valueOf(terms: Terms, { approval, unknown, latencyMs, failure = 0 }: RouteEstimate): RouteValue {
  const [
    index,
    gain,
    continuation,
    margin,
    cost,
    perAttempt,
    expectedLoss,
    shadowPrice,
    unknownCost,
    preference,
  ] = terms
  return {
    index,
    gain,
    continuation,
    approval,
    failure,
    latencyMs,
    unknown,
    margin,
    cost,
    perAttempt,
    expectedLoss,
    shadowPrice,
    unknownCost,
    preference,
  }
}
