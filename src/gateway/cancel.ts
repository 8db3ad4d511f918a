import type { Payment } from '../core/payment/payment.ts'
import { finishWithoutMoney, isClear } from '../core/payment/transition.ts'
import type { KeyBinding } from '../ports/journal.ts'
import { commit } from './commit.ts'
import type { Facts } from './facts.ts'
import { operate } from './operations.ts'
import { resolvePayment } from './resolve.ts'
import type { Gateway } from './runtime.ts'

export interface CancelCommand {
  readonly tenant: string
  readonly payment: string
  readonly key: Omit<KeyBinding, 'target'>
}

export type CancelAnswer =
  | { readonly kind: 'done'; readonly payment: Payment; readonly replayed: boolean }
  | { readonly kind: 'not_found' }
  | {
      readonly kind: 'refused'
      readonly code: 'state_conflict' | 'amount_too_high' | 'currency_mismatch' | 'idempotency_key_reused'
    }

const WRITES_MAX = 16

/**
 * Cancels a payment: an authorization is voided, an unfinished payment opens no further attempt and has its open one
 * closed and confirmed. What has taken money for good is refused: that is a refund.
 * Safe to repeat. Rejects with `JournalUnavailable`.
 */
export async function cancelPayment(
  gateway: Gateway,
  facts: Facts,
  command: CancelCommand,
): Promise<CancelAnswer> {
  let stored = await gateway.ports.journal.find(command.tenant, command.payment)
  if (stored === undefined) return { kind: 'not_found' }
  if (stored.payment.checkout !== undefined) return { kind: 'refused', code: 'state_conflict' }
  if (stored.payment.result === 'authorized') return operate(gateway, { ...command, kind: 'void' })
  for (let writes = 0; writes < WRITES_MAX; writes++) {
    const { payment, version } = stored
    if (payment.result === 'canceled') return { kind: 'done', payment, replayed: true }
    if (payment.result !== undefined) return { kind: 'refused', code: 'state_conflict' }
    const asked: Payment = { ...payment, cancelRequested: true, resolves: 0 }
    const after = isClear(asked) ? finishWithoutMoney(asked, []) : asked
    const { result } = await commit(gateway, gateway.runtime(), { before: payment, version, after })
    if (result.kind === 'saved') return driveNow(gateway, facts, command, after)
    if (result.kind !== 'conflict') break
    stored = result.stored
  }
  return { kind: 'refused', code: 'state_conflict' }
}

/** Closes the open attempt at once if nobody is at work on the payment; else whoever is, or the resolver, does. */
async function driveNow(
  gateway: Gateway,
  facts: Facts,
  { tenant, payment: id }: CancelCommand,
  payment: Payment,
): Promise<CancelAnswer> {
  if (payment.result !== undefined) return { kind: 'done', payment, replayed: false }
  const leaseStartedAt = gateway.ports.clock.monotonic()
  const claimed = await gateway.ports.journal.claim(tenant, id, gateway.settings.leaseMs)
  if (claimed !== undefined) await resolvePayment(gateway, facts, claimed, leaseStartedAt)
  const now = await gateway.ports.journal.find(tenant, id)
  return { kind: 'done', payment: now?.payment ?? payment, replayed: false }
}
