import { Dice } from './dice.ts'

/**
 * Every class of fault, and how often it strikes at full strength: a share of the messages, calls or payments that it
 * can strike, or a number per minute of virtual time where it strikes a machine.
 */
export const FAULTS = {
  /** A request never arrives. */
  request_lost: 0.08,
  /** A request arrives late, at most as late as the upstream's settle window allows. */
  request_late: 0.08,
  /** A request arrives twice. Only at upstreams whose idempotency covers it. */
  request_twice: 0.05,
  response_lost: 0.08,
  /** An answer comes after the caller's deadline. */
  response_late: 0.08,
  /** A proof that nothing left: refused, no such host, no TLS. */
  not_sent: 0.06,
  /** A body that cannot be read. */
  unreadable: 0.04,
  /** A 5xx that had no effect. */
  error_before: 0.06,
  /** A 5xx that hides an effect. */
  error_after: 0.06,
  /** The upstream takes another amount than it was asked for, and says so. */
  wrong_amount: 0.01,
  /** A refusal that turns out to have been an approval. */
  flip: 0.02,
  /** The upstream is busy for long before it decides. */
  processing: 0.15,
  notice_lost: 0.3,
  notice_late: 0.3,
  notice_repeated: 0.3,
  /** Someone sends notifications with a wrong signature, or approvals that are not true. */
  forgery: 0.1,
  journal_refuses: 0.02,
  /** The write is done, the answer is lost. */
  journal_silent: 0.03,
  /** The write is done long after the caller was told that it failed. */
  journal_late: 0.02,
  journal_slow: 0.05,
  /** Per minute: power is lost, and with it what was not synced. */
  journal_power: 0.5,
  /** Per minute: the journal is not there. */
  journal_down: 0.5,
  /** Per minute and instance. */
  crash: 1,
  /** Per minute and instance: the process stands still, its clocks go on. */
  pause: 1,
  /** Per minute and instance: the machine stands still, its monotonic clock with it. */
  freeze: 0.5,
  /** Clocks differ, within what the design allows. */
  skew: 1,
  /** Per minute and upstream: nothing gets through. */
  blackout: 0.5,
  /** Per minute and upstream: connections are refused. */
  shut: 0.5,
  /** The shared hints lose, roll back or make up what they hold. */
  hints: 0.3,
  /** A client gives up waiting. */
  client_leaves: 0.05,
  /** The process stands still while it waits for an upstream, of all moments. */
  pause_waiting: 0.02,
  /** It dies while it waits for one. */
  crash_waiting: 0.01,
  /** The process stands still between a call of the journal and its answer. */
  pause_writing: 0.004,
  /** It dies there. */
  crash_writing: 0.004,
  /** No fault by itself: upstreams tell how refunds have ended, which can be lost, late, repeated and forged, too. */
  refund_told: 0.8,
  /** What an upstream has said of a refund turns out to be wrong: it was made after all, or it was not. */
  refund_flip: 0.05,
  /** No fault by itself: a merchant says that a capture is the last one. */
  last_capture: 0.5,
} as const

export type Fault = keyof typeof FAULTS

export const FAULT_NAMES = Object.keys(FAULTS) as Fault[]

export type FaultPlan = Readonly<Record<Fault, number>>

/**
 * Each seed has faults of its own: every class is there or not, and all together are mild, plain or violent, so that
 * rare combinations are not drowned by an average of everything.
 */
export function drawFaultPlan(seed: number): FaultPlan {
  const dice = new Dice(seed, 'fault plan')
  const strength = dice.pick([0.3, 1, 1, 2.5])
  const plan: Record<string, number> = {}
  for (const fault of FAULT_NAMES) {
    plan[fault] = dice.chance(0.5) ? FAULTS[fault] * strength * dice.between(0.5, 1.5) : 0
  }
  return plan as FaultPlan
}

/** Exactly these faults, as often as it says. */
export function directedPlan(faults: Partial<FaultPlan>): FaultPlan {
  const plan = Object.fromEntries(FAULT_NAMES.map(fault => [fault, faults[fault] ?? 0]))
  return plan as FaultPlan
}

/** The same plan without some classes; with `without` absent, a copy that may be changed. */
export function planWithout(plan: FaultPlan, without: readonly Fault[] = []): Record<Fault, number> {
  const left = { ...plan }
  for (const fault of without) left[fault] = 0
  return left
}
