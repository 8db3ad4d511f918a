import type { RandomStream } from '../../core/random.ts'
import type { SimulatedPayment } from './environment.ts'

/** What a policy may know of the scenario: the routes and their prices, never their approval rates. */
export interface PolicyWorld {
  readonly routes: readonly RouteTerms[]
  readonly segmentCount: number
  /** Payments in all; theory-tuned baselines want it. */
  readonly payments: number
  readonly paymentsPerSecond: number
  /** Whether margin less cost is judged rather than approvals. */
  readonly marginBps?: number
  /** The policy's own draws. */
  readonly random: RandomStream
  /** Of the run; decides what is decided by payment id. */
  readonly seed: number
}

export interface RouteTerms {
  readonly id: string
  readonly costBps: number
  readonly costFixed: number
}

/** An outcome as it reaches the policy. */
export interface Feedback {
  readonly payment: SimulatedPayment
  readonly route: number
  readonly approved: boolean
  /** Number and time of the payment that is being decided when the outcome arrives. */
  readonly nowNumber: number
  readonly now: number
}

/** A way of choosing routes. One instance serves one run. */
export interface RoutingPolicy {
  readonly choose: (payment: SimulatedPayment) => number
  readonly observe: (feedback: Feedback) => void
}

export type PolicyFactory = (world: PolicyWorld) => RoutingPolicy

/** Index of the greatest value; ties go to the first, or by lot when a stream is given. */
export function indexOfMax(values: ArrayLike<number>, random?: RandomStream): number {
  let best = 0
  let ties = 1
  for (let i = 1; i < values.length; i++) {
    const value = values[i] as number
    if (value > (values[best] as number)) {
      best = i
      ties = 1
    } else if (random !== undefined && value === values[best]) {
      ties++
      if (random() * ties < 1) best = i
    }
  }
  return best
}

/** One state per segment, made when it is first seen. */
export function perSegment<State>(count: number, make: () => State): (segment: number) => State {
  const states: (State | undefined)[] = Array.from({ length: count })
  return segment => (states[segment] ??= make())
}
