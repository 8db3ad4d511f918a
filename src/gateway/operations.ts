import type { Money } from '../core/payment/money.ts'
import { applyOperation, refuseOperation, remaining } from '../core/payment/operation.ts'
import { operationEnds } from '../core/payment/resolution.ts'
import type { Attempt, Operation, OperationKind, OperationStatus, Payment } from '../core/payment/payment.ts'
import type { Connector, RefundResult } from '../ports/connector.ts'
import type { KeyBinding, StoredPayment } from '../ports/journal.ts'
import { commit } from './commit.ts'
import { newReference, shardOf } from './ids.ts'
import { leaveWith, needsPerson } from './owned-write.ts'
import type { Gateway, Runtime } from './runtime.ts'
import { leaseCovers } from './send.ts'
import type { Session } from './step.ts'

export interface OperationCommand {
  readonly tenant: string
  readonly payment: string
  readonly kind: OperationKind
  /** Absent: everything that is left. */
  readonly amount?: Money
  /** Of a capture: it is the last one, and what is left of the authorization is released. */
  readonly final?: boolean
  readonly key: Omit<KeyBinding, 'target'>
}

export type OperationAnswer =
  | {
      readonly kind: 'done'
      readonly payment: Payment
      readonly operation: Operation
      readonly replayed: boolean
    }
  | { readonly kind: 'not_found' }
  | {
      readonly kind: 'refused'
      readonly code: 'state_conflict' | 'amount_too_high' | 'currency_mismatch' | 'idempotency_key_reused'
    }

const WRITES_MAX = 16

/**
 * Captures, voids or refunds. The operation and its amount are durable before anything is sent, so two refunds at
 * once cannot exceed what was captured, and an unknown one keeps its amount reserved until it is resolved.
 * Safe to repeat with the same key. Rejects with `JournalUnavailable`; then nothing was sent by this call.
 */
export async function operate(gateway: Gateway, command: OperationCommand): Promise<OperationAnswer> {
  const runtime = gateway.runtime()
  let stored = await gateway.ports.journal.find(command.tenant, command.payment)
  if (stored === undefined) return { kind: 'not_found' }
  // It was paid in a protocol of the checkout's own: capture and refund go the same way, through the proxy.
  if (stored.payment.checkout !== undefined) return { kind: 'refused', code: 'state_conflict' }
  const known = await gateway.ports.journal.findByKey(command.tenant, command.key.key)
  if (known !== undefined) return replay(command, known.key, known.stored)
  for (let writes = 0; writes < WRITES_MAX; writes++) {
    const opened = openOperation(gateway, stored, command)
    if (opened.kind === 'refused') return opened
    const { result, payment } = await commit(gateway, runtime, {
      before: stored.payment,
      version: stored.version,
      after: opened.payment,
      key: { ...command.key, target: opened.operation.id },
    })
    if (result.kind === 'saved')
      return perform(gateway, runtime, { ...stored, payment, version: result.version }, opened.operation)
    if (result.kind === 'key_exists') return replay(command, result.key, result.stored)
    if (result.kind !== 'conflict') break
    stored = result.stored
  }
  return { kind: 'refused', code: 'state_conflict' }
}

function replay(command: OperationCommand, bound: KeyBinding, stored: StoredPayment): OperationAnswer {
  const operation = stored.payment.operations.find(({ id }) => id === bound.target)
  if (bound.fingerprint !== command.key.fingerprint || operation === undefined) {
    return { kind: 'refused', code: 'idempotency_key_reused' }
  }
  return { kind: 'done', payment: stored.payment, operation, replayed: true }
}

type Opened =
  | Extract<OperationAnswer, { kind: 'refused' }>
  | { readonly kind: 'opened'; readonly payment: Payment; readonly operation: Operation }

function openOperation(gateway: Gateway, { payment }: StoredPayment, command: OperationCommand): Opened {
  const { clock, random } = gateway.ports
  const { currency } = payment.context.amount
  const amount = command.amount ?? { currency, value: remaining(payment, command.kind) }
  const code = amount.value <= 0 ? 'state_conflict' : refuseOperation(payment, command.kind, amount)
  if (code !== undefined) return { kind: 'refused', code }
  const reference = newReference(clock, random, shardOf(payment.id))
  const now = clock.now()
  const operation: Operation = {
    id: `${PREFIX[command.kind]}_${reference}`,
    kind: command.kind,
    reference,
    amount,
    status: 'intent',
    openedAt: now,
    sendableUntil: now + gateway.settings.sendWindowMs,
    ...(command.kind === 'capture' && command.final === true ? { final: true } : {}),
  }
  return {
    kind: 'opened',
    operation,
    payment: { ...payment, operations: [...payment.operations, operation], resolves: 0 },
  }
}

const PREFIX: Readonly<Record<OperationKind, string>> = { capture: 'cap', void: 'void', refund: 'ref' }

async function perform(
  gateway: Gateway,
  runtime: Runtime,
  stored: StoredPayment,
  operation: Operation,
): Promise<OperationAnswer> {
  const attempt = winnerOf(stored.payment)
  const route = runtime.routes.get(attempt.route)
  const late = gateway.ports.clock.now() > operation.sendableUntil
  // What cannot be sent from here is left to the resolver, which asks, sends, or calls for a person.
  const result: RefundResult =
    late || route === undefined
      ? { kind: 'unknown', cause: 'abandoned' }
      : await sendOperation(route.connector, attempt, operation)
  const payment = await recordOperation(gateway, runtime, stored, operation.id, result)
  const settled = payment.operations.find(({ id }) => id === operation.id) as Operation
  return { kind: 'done', payment, operation: settled, replayed: false }
}

function winnerOf(payment: Payment): Attempt {
  return payment.attempts.find(({ reference }) => reference === payment.winner) as Attempt
}

function sendOperation(connector: Connector, attempt: Attempt, operation: Operation): Promise<RefundResult> {
  const options = { timeoutMs: attempt.timeoutMs }
  switch (operation.kind) {
    case 'capture':
      return captureBy(connector, attempt, operation)
    case 'refund':
      return connector.refund(attempt.reference, operation.reference, operation.amount, options)
    case 'void':
      return voidAttempt(connector, attempt)
  }
}

function captureBy(connector: Connector, attempt: Attempt, operation: Operation): Promise<RefundResult> {
  const options = { timeoutMs: attempt.timeoutMs, ...(operation.final === true ? { final: true } : {}) }
  return connector.capture(attempt.reference, operation.reference, operation.amount, options)
}

async function voidAttempt(connector: Connector, attempt: Attempt): Promise<RefundResult> {
  const verb = attempt.contract.cancel.includes('void') ? 'void' : 'reverse'
  const result = await connector.cancel(attempt.reference, verb, { timeoutMs: attempt.timeoutMs })
  if (result.kind === 'canceled') return { kind: 'approved' }
  return result.kind === 'already_paid' ? { kind: 'declined' } : { kind: 'unknown', cause: 'upstream_error' }
}

/** Joins what an upstream has answered about an operation. */
export function applyAnswer(payment: Payment, id: string, result: RefundResult): Payment {
  return applyOperation(payment, id, statusOf(result), result.kind === 'declined' ? result.code : undefined)
}

function statusOf(result: RefundResult): OperationStatus | 'not_sent' {
  switch (result.kind) {
    case 'approved':
      return 'succeeded'
    case 'declined':
      return 'failed'
    case 'not_sent':
      return 'not_sent'
    case 'processing':
      return 'processing'
    case 'unknown':
    case 'not_found':
      return 'unknown'
  }
}

/**
 * Joins the result into whatever the payment has become in the meantime. Whoever holds the lease, under `epoch`, gives
 * it up with this write, unless somebody else has taken over: then it is not theirs to give up.
 */
async function recordOperation(
  gateway: Gateway,
  runtime: Runtime,
  first: StoredPayment,
  id: string,
  result: RefundResult,
  epoch?: number,
): Promise<Payment> {
  let stored = first
  for (let writes = 0; writes < WRITES_MAX; writes++) {
    const learned = applyAnswer(stored.payment, id, result)
    const after = isMismatch(result) ? needsPerson(learned, 'answer_mismatch') : learned
    const { result: saved, payment } = await commit(gateway, runtime, {
      before: stored.payment,
      version: stored.version,
      after,
      ...(epoch === stored.epoch ? { epoch, leaseMs: 0 } : {}),
    })
    if (saved.kind === 'saved') return payment
    if (saved.kind !== 'conflict') break
    stored = saved.stored
  }
  return stored.payment
}

/** The answer named another amount or reference than was sent: a person has to look, whatever comes of it. */
export function isMismatch(result: RefundResult): boolean {
  return result.kind === 'unknown' && result.cause === 'mismatch'
}

/**
 * The resolver's move about an operation without a final answer: a refund is asked about by its own reference and
 * sent again only when the upstream does not know it; a capture is sent again under its own reference; a void is simply
 * repeated, because cancelling twice cancels once.
 */
export async function resolveOperation(
  gateway: Gateway,
  session: Session,
  operation: Operation,
): Promise<void> {
  const attempt = winnerOf(session.payment)
  const route = session.runtime.routes.get(attempt.route)
  if (route === undefined) {
    return leaveWith(gateway, session, needsPerson(session.payment, 'route_removed'))
  }
  if (operationEnds(operation, gateway.ports.clock.now())) {
    return leaveWith(gateway, session, applyOperation(session.payment, operation.id, 'manual'))
  }
  if (!leaseCovers(gateway.ports.clock, session, attempt.timeoutMs)) return
  const stored = await announce(gateway, session, operation)
  if (stored === undefined) return
  const mayAct = (): boolean => leaseCovers(gateway.ports.clock, session, attempt.timeoutMs)
  const result = await askOperation(route.connector, attempt, operation, mayAct)
  await recordOperation(gateway, session.runtime, stored, operation.id, result, session.epoch)
}

/**
 * Before it may be sent again, an operation is durably unknown: from then on "not sent", told by whoever made the first
 * send, proves nothing any more. Undefined when somebody else has written: then this round ends here.
 */
async function announce(
  gateway: Gateway,
  { runtime, payment, version, epoch }: Session,
  operation: Operation,
): Promise<StoredPayment | undefined> {
  if (operation.status !== 'intent') return { payment, version, epoch }
  const after = applyOperation(payment, operation.id, 'unknown')
  const { result, payment: written } = await commit(gateway, runtime, {
    before: payment,
    version,
    after,
    epoch,
  })
  return result.kind === 'saved' ? { payment: written, version: result.version, epoch } : undefined
}

async function askOperation(
  connector: Connector,
  attempt: Attempt,
  operation: Operation,
  mayAct: () => boolean,
): Promise<RefundResult> {
  const options = { timeoutMs: attempt.timeoutMs }
  switch (operation.kind) {
    case 'refund': {
      const asked = await connector.queryRefund(
        attempt.reference,
        operation.reference,
        operation.amount,
        options,
      )
      if (asked.kind !== 'not_found') return asked
      if (!mayAct()) return { kind: 'unknown', cause: 'abandoned' }
      return connector.refund(attempt.reference, operation.reference, operation.amount, options)
    }
    case 'capture':
      return captureBy(connector, attempt, operation)
    case 'void':
      return voidAttempt(connector, attempt)
  }
}
