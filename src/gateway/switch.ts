import type { AcceptedTender } from '../core/payment/context.ts'
import type { Payment } from '../core/payment/payment.ts'
import { askToSwitch, maySwitch } from '../core/payment/switch.ts'
import type { KeyBinding, StoredPayment } from '../ports/journal.ts'
import { commit } from './commit.ts'
import type { Facts } from './facts.ts'
import { acceptQuotes } from './quote.ts'
import { resolvePayment } from './resolve.ts'
import type { Gateway, TenantRuntime } from './runtime.ts'

export interface SwitchCommand {
  readonly tenant: string
  readonly payment: string
  /** What the payer consents to now, in place of everything before. */
  readonly to: AcceptedTender
  readonly key: Omit<KeyBinding, 'target'>
}

export type SwitchAnswer =
  | { readonly kind: 'done'; readonly payment: Payment; readonly replayed: boolean }
  | { readonly kind: 'not_found' }
  | {
      readonly kind: 'refused'
      readonly code: 'state_conflict' | 'idempotency_key_reused' | 'quote_required' | 'quote_changed'
    }

const WRITES_MAX = 16
/** Moves about the payment within the request; after that the resolver goes on. */
const MOVES_MAX = 3

/**
 * Lets the payer go on with another tender: what is open is closed and confirmed, and only then an attempt with the
 * new tender is opened. When the old one turns out to be paid, the payment has succeeded with it. Safe to repeat with
 * the same key. Rejects with `JournalUnavailable`.
 */
export async function switchTender(
  gateway: Gateway,
  facts: Facts,
  command: SwitchCommand,
): Promise<SwitchAnswer> {
  const { journal } = gateway.ports
  let stored = await journal.find(command.tenant, command.payment)
  if (stored === undefined) return { kind: 'not_found' }
  const known = await journal.findByKey(command.tenant, command.key.key)
  if (known !== undefined) return replay(command, known.key, known.stored)
  const { context } = stored.payment
  const asked = { ...context, funding: { ...context.funding, accept: [command.to] } }
  const accepted = await acceptQuotes(gateway, command.tenant, asked)
  if ('code' in accepted) return { kind: 'refused', code: accepted.code }
  const [to = command.to] = accepted.funding.accept
  for (let writes = 0; writes < WRITES_MAX; writes++) {
    if (!maySwitch(stored.payment)) return { kind: 'refused', code: 'state_conflict' }
    const { result } = await commit(gateway, gateway.runtime(), {
      before: stored.payment,
      version: stored.version,
      after: switched(gateway, stored.payment, to),
      key: { ...command.key, target: `switch_${command.key.key}` },
    })
    if (result.kind === 'saved') return driveNow(gateway, facts, command)
    if (result.kind === 'key_exists') return replay(command, result.key, result.stored)
    if (result.kind !== 'conflict') break
    stored = result.stored
  }
  return { kind: 'refused', code: 'state_conflict' }
}

function switched({ ports, settings, runtime }: Gateway, payment: Payment, to: AcceptedTender): Payment {
  const { policy } = runtime().tenants.get(payment.tenant) as TenantRuntime
  return askToSwitch(payment, to, policy.attemptsMax, ports.clock.now() + settings.paymentMs)
}

function replay({ key }: SwitchCommand, bound: KeyBinding, { payment }: StoredPayment): SwitchAnswer {
  return bound.fingerprint === key.fingerprint
    ? { kind: 'done', payment, replayed: true }
    : { kind: 'refused', code: 'idempotency_key_reused' }
}

/** Closes and goes on at once where nobody else is at work on the payment; else whoever is, or the resolver, does. */
async function driveNow(
  gateway: Gateway,
  facts: Facts,
  { tenant, payment: id }: SwitchCommand,
): Promise<SwitchAnswer> {
  const { journal } = gateway.ports
  for (let moves = 0; moves < MOVES_MAX; moves++) {
    const leaseStartedAt = gateway.ports.clock.monotonic()
    const claimed = await journal.claim(tenant, id, gateway.settings.leaseMs)
    if (claimed === undefined) break
    await resolvePayment(gateway, facts, claimed, leaseStartedAt)
    const now = await journal.find(tenant, id)
    if (now?.payment.switchTo === undefined || now.payment.result !== undefined) break
  }
  const stored = await journal.find(tenant, id)
  return stored === undefined
    ? { kind: 'not_found' }
    : { kind: 'done', payment: stored.payment, replayed: false }
}
