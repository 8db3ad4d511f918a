import type { Clock } from '../ports/clock.ts'
import type { Runtime } from '../gateway/runtime.ts'
import type { Answer, Sending, Session, Step } from '../gateway/step.ts'

/** A session as it crosses from the state to whoever sends: without what each side has of its own. */
interface WireSession extends Omit<Session, 'runtime' | 'tenant' | 'leaseEndsAt'> {
  readonly configVersion: string
  /** Left of the lease when it was written. Each side counts it on its own monotonic clock. */
  readonly leaseLeftMs: number
}

export interface WireSending extends Omit<Sending, 'session'> {
  readonly session: WireSession
}

export type WireStep = WireSending | Answer

export function toWire(clock: Clock, step: Step): WireStep {
  return step.kind === 'send' ? sendingToWire(clock, step) : step
}

export function sendingToWire(clock: Clock, { session, ...rest }: Sending): WireSending {
  const { runtime, tenant: _tenant, leaseEndsAt, ...plain } = session
  const leaseLeftMs = leaseEndsAt - clock.monotonic()
  return { ...rest, session: { ...plain, configVersion: runtime.version, leaseLeftMs } }
}

/**
 * @param countedFrom monotonic ms at or before which the lease was counted: the moment of asking, so that the time on
 *   the way shortens it and never lengthens it
 * @throws Error when this side runs another configuration; nothing may be sent by it then
 */
export function fromWire(runtime: Runtime, countedFrom: number, step: WireStep): Step {
  return step.kind === 'send' ? sendingFromWire(runtime, countedFrom, step) : step
}

export function sendingFromWire(
  runtime: Runtime,
  countedFrom: number,
  { session, ...rest }: WireSending,
): Sending {
  const { configVersion, leaseLeftMs, ...plain } = session
  const tenant = runtime.tenants.get(plain.payment.tenant)
  if (configVersion !== runtime.version || tenant === undefined) throw otherVersion(runtime, configVersion)
  return { ...rest, session: { ...plain, runtime, tenant, leaseEndsAt: countedFrom + leaseLeftMs } }
}

function otherVersion(runtime: Runtime, other: string): Error {
  return new Error(`the configuration here is ${runtime.version}, on the other side it is ${other}`)
}
