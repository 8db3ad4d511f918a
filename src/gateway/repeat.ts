import type { Attempt, CheckoutPin, Payment } from '../core/payment/payment.ts'
import { mayRepeat } from '../core/payment/resolution.ts'
import type { Permit } from '../ports/breaker.ts'
import type { StoredPayment } from '../ports/journal.ts'
import { commit } from './commit.ts'
import type { Gateway, Runtime, TenantRuntime } from './runtime.ts'
import type { PayCommand, Step } from './step.ts'

/** Whether an executor may still be at work on it, rather than the resolver or nobody. */
export function inFlight(payment: Payment, now: number): boolean {
  if (payment.result !== undefined) return false
  const newest = payment.attempts.at(-1)
  return newest?.status === 'intent' && now < newest.sendableUntil + newest.timeoutMs
}

/**
 * A checkout pays an order again that is live or paid. Another request never executes. The same one is passed on to
 * the upstream that has the order, and to no other, as far as that upstream's contract makes a repetition harmless;
 * else the state that stands is the answer.
 */
export async function repeatOrder(
  gateway: Gateway,
  runtime: Runtime,
  tenant: TenantRuntime,
  command: PayCommand & { readonly checkout: CheckoutPin },
  { payment }: StoredPayment,
): Promise<Step> {
  if (!isSameRequest(payment.checkout, command.checkout)) {
    const code = payment.result === undefined ? 'order_in_progress' : 'order_already_paid'
    return { kind: 'conflict', code, payment: payment.id }
  }
  const { clock, breaker, journal } = gateway.ports
  const busy: Step = { kind: 'conflict', code: 'request_in_progress', payment: payment.id }
  if (inFlight(payment, clock.now())) return busy
  const attempt = payment.attempts.at(-1)
  const permit = attempt === undefined ? undefined : permitToRepeat(gateway, runtime, attempt)
  if (permit === undefined) return { kind: 'answer', payment, replayed: true }
  let sending: Step | undefined
  try {
    const leaseStartedAt = clock.monotonic()
    const claimed = await journal.claim(tenant.id, payment.id, gateway.settings.leaseMs)
    if (claimed === undefined) return busy
    sending = await announce(gateway, runtime, tenant, command, claimed, permit, leaseStartedAt)
    return sending ?? busy
  } finally {
    if (sending === undefined) breaker.cancel(permit)
  }
}

function isSameRequest(pin: CheckoutPin | undefined, other: CheckoutPin): boolean {
  return pin?.id === other.id && pin.fingerprint === other.fingerprint
}

function permitToRepeat(gateway: Gateway, runtime: Runtime, attempt: Attempt): Permit | undefined {
  const { clock, breaker } = gateway.ports
  if (!runtime.routes.has(attempt.route) || !mayRepeat(attempt, clock.now())) return undefined
  return breaker.permit(attempt.route)
}

/** Makes durable, before it happens, that the reference is under way again. Undefined when somebody else was quicker. */
async function announce(
  gateway: Gateway,
  runtime: Runtime,
  tenant: TenantRuntime,
  command: PayCommand,
  { payment, version, epoch }: StoredPayment,
  permit: Permit,
  leaseStartedAt: number,
): Promise<Step | undefined> {
  const { clock } = gateway.ports
  const { leaseMs, sendWindowMs } = gateway.settings
  const attempt = payment.attempts.at(-1)
  if (attempt?.route !== permit.route || !mayRepeat(attempt, clock.now())) return undefined
  const again: Attempt = {
    ...attempt,
    status: attempt.status === 'intent' ? 'unknown' : attempt.status,
    sendableUntil: Math.max(attempt.sendableUntil, clock.now() + sendWindowMs),
  }
  const { result, payment: written } = await commit(gateway, runtime, {
    before: payment,
    version,
    after: { ...payment, attempts: [...payment.attempts.slice(0, -1), again] },
    epoch,
    leaseMs,
  })
  if (result.kind !== 'saved') return undefined
  return {
    kind: 'send',
    attempt: again,
    permit,
    repeated: true,
    session: {
      runtime,
      tenant,
      payment: written,
      version: result.version,
      epoch,
      leaseEndsAt: leaseStartedAt + leaseMs,
      ...(command.requestId === undefined ? {} : { requestId: command.requestId }),
      ...(command.traceparent === undefined ? {} : { traceparent: command.traceparent }),
    },
  }
}
