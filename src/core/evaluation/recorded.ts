import { type Decision, type DecisionInputs, type DecisionPolicy, decide } from '../decision.ts'
import { hash32 } from '../hash.ts'
import { BPS } from '../payment/money.ts'
import type { AttemptStatus } from '../payment/payment.ts'
import type { LoggedChoice } from './off-policy.ts'

/** An attempt that followed a decision, as far as its end is known. */
export interface RecordedAttempt {
  readonly route: string
  readonly status: AttemptStatus
}

/** A decision as it was recorded, with what was tried after it. */
export interface RecordedDecision {
  readonly id: string
  readonly decision: Decision
  readonly attempts: readonly RecordedAttempt[]
}

/** What an approval is worth and an unknown outcome costs: one measure for the log and the policy. */
export interface Yardstick {
  /** Of the amount; a request that named its own margin keeps it. */
  readonly marginBps: number
  /** Minor units. */
  readonly unknownCost: number
}

export interface RecordedChoices {
  /** As the policy would have chosen, and as the log has: row by row the same decisions. */
  readonly policy: readonly LoggedChoice[]
  readonly logged: readonly LoggedChoice[]
  /** Decisions that cannot be judged by, and why. */
  readonly leftOut: {
    /** Nothing was tried, or its end is not known yet. */
    readonly withoutOutcome: number
    /** Another currency than the one that is judged in. */
    readonly otherCurrency: number
    /** The policy has routes of which the record knows nothing. */
    readonly unknownRoutes: number
  }
}

export interface RecordedOptions {
  readonly yardstick: Yardstick
  /** ISO 4217. Values of different currencies do not add up. */
  readonly currency: string
  /** Seeds under which a decision that draws by lot is made again. */
  readonly draws: number
  readonly onProgress?: (done: number, total: number) => void
}

/**
 * Makes recorded decisions again under a policy, as rows for `evaluateOffPolicy`. The reward is the net value of the
 * first try: its margin less what it cost. Where the policy draws by lot (splits, exploration) its probabilities come
 * from making the decision again under other seeds. What a route was expected to bring is in the record, estimated
 * before the outcome was known, so that the doubly robust figure needs no model of its own.
 */
export function choicesOfRecords(
  records: readonly RecordedDecision[],
  policy: (recorded: Decision) => DecisionPolicy,
  options: RecordedOptions,
): RecordedChoices {
  const rows = { policy: [] as LoggedChoice[], logged: [] as LoggedChoice[] }
  const leftOut = { withoutOutcome: 0, otherCurrency: 0, unknownRoutes: 0 }
  records.forEach(({ decision, attempts }, i) => {
    options.onProgress?.(i + 1, records.length)
    const { inputs, cascade, propensity } = decision
    const { context } = inputs
    const route = cascade[0]
    const attempt = attempts.find(tried => tried.route === route)
    const reward = attempt === undefined ? undefined : realised(decision, attempt, options.yardstick)
    const judged = policy(decision)
    if (context.amount.currency !== options.currency) leftOut.otherCurrency++
    else if (route === undefined || reward === undefined) leftOut.withoutOutcome++
    else if (!knowsRoutes(inputs, judged)) leftOut.unknownRoutes++
    else {
      const predicted = expected(decision, route, options.yardstick)
      const own = { cluster: context.orderId, reward, propensity, predicted }
      const heads = headsOf(judged, inputs, options.draws)
      rows.logged.push({ ...own, target: propensity, predictedTarget: predicted })
      rows.policy.push({
        ...own,
        target: heads.get(route) ?? 0,
        predictedTarget: [...heads].reduce(
          (sum, [head, share]) => sum + share * expected(decision, head, options.yardstick),
          0,
        ),
      })
    }
  })
  return { ...rows, leftOut }
}

/** Whether a record holds what a policy has to know of each of its routes. */
export function knowsRoutes({ routes }: DecisionInputs, policy: DecisionPolicy): boolean {
  return policy.routes.every(({ id }) => routes[id] !== undefined)
}

/** Probability of each route to be tried first. No route at all has what is left of 1, and brings nothing. */
function headsOf(policy: DecisionPolicy, inputs: DecisionInputs, draws: number): ReadonlyMap<string, number> {
  const first = decide(policy, inputs)
  const heads = new Map<string, number>()
  const isCertain = first.propensity === 1 && first.exploration === undefined
  const count = isCertain ? 1 : draws
  for (let i = 0; i < count; i++) {
    const seed = hash32(`draw/${i}`, inputs.seed)
    const head = (isCertain ? first : decide(policy, { ...inputs, seed })).cascade[0]
    if (head !== undefined) heads.set(head, (heads.get(head) ?? 0) + 1 / count)
  }
  return heads
}

/** Undefined while the end of the attempt is not known and may still teach something. */
function realised(decision: Decision, attempt: RecordedAttempt, yardstick: Yardstick): number | undefined {
  const terms = termsOf(decision, attempt.route, yardstick)
  switch (attempt.status) {
    case 'approved':
    case 'authorized':
      return terms.perSuccess - terms.perAttempt
    case 'declined':
    case 'not_sent':
    case 'absent':
      return -terms.perAttempt
    case 'unknown':
    case 'voided':
    case 'reversing':
    case 'reversed':
      return -terms.perAttempt - yardstick.unknownCost
    case 'intent':
    case 'processing':
    case 'requires_action':
      return undefined
  }
}

function expected(decision: Decision, route: string, yardstick: Yardstick): number {
  const { perSuccess, perAttempt, unknown, succeeds } = termsOf(decision, route, yardstick)
  return succeeds * perSuccess - perAttempt - unknown * yardstick.unknownCost
}

interface Terms {
  readonly perSuccess: number
  readonly perAttempt: number
  readonly unknown: number
  readonly succeeds: number
}

/** What was known of a route when the decision was made; nothing of one that was not there. */
function termsOf({ candidates, inputs }: Decision, route: string, { marginBps }: Yardstick): Terms {
  const value = candidates.find(candidate => candidate.route === route)?.value
  if (value === undefined) return { perSuccess: 0, perAttempt: 0, unknown: 0, succeeds: 0 }
  const { cost, expectedLoss, shadowPrice, perAttempt, unknown, failure, approval } = value
  const margin = (inputs.context.amount.value * (inputs.context.marginBps ?? marginBps)) / BPS
  return {
    perSuccess: margin - cost - expectedLoss - shadowPrice,
    perAttempt,
    unknown,
    succeeds: (1 - unknown) * (1 - failure) * approval,
  }
}
