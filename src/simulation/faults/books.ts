import { hasOpenWork, holdsMoney } from '../../core/payment/transition.ts'
import type { Attempt, Operation, Payment } from '../../core/payment/payment.ts'
import type { StoredPayment } from '../../ports/journal.ts'
import type { SimulatedJournal } from './journal.ts'
import type { Oracle } from './oracle.ts'
import { POOL } from './policy.ts'
import type { SimulatedUpstream, UpstreamPayment } from './upstream.ts'

/** How a world's payments have ended. */
export interface Ending {
  readonly payments: number
  readonly succeeded: number
  /** Left to a person because nothing and nobody else can tell. */
  readonly manual: number
  /** Left to a person because an upstream took another amount, or took its word back. */
  readonly lied: number
  readonly attempts: number
}

/** What the upstreams' books, the journal and the answers must agree on when all is at rest. */
export async function closeBooks(
  tenant: string,
  orders: number,
  journal: SimulatedJournal,
  upstreams: readonly SimulatedUpstream[],
  oracle: Oracle,
): Promise<Ending> {
  const books = new Books(upstreams, oracle)
  const payments: Payment[] = []
  for (let order = 0; order < orders; order++) {
    const stored = await journal.memory.findByOrder(tenant, `order-${order}`, 100)
    books.order(order, stored)
    payments.push(...stored.map(({ payment }) => payment))
  }
  for (const upstream of upstreams) {
    for (const [reference, charges] of upstream.payments) {
      if (!oracle.references.has(reference))
        oracle.fail('I5', `${reference}: ${charges.length} charges of nobody`)
    }
  }
  for (const [key, { payment }] of oracle.keys) {
    const found = await journal.memory.findByKey(tenant, key)
    if (found?.stored.payment.id !== payment)
      oracle.fail('I6', `${key}: does not lead to ${payment} any more`)
  }
  await checkOutbox(journal, payments, oracle)
  await checkFunds(journal, payments, oracle)
  return {
    payments: payments.length,
    succeeded: payments.filter(({ result }) => result === 'succeeded').length,
    manual: payments.filter(({ manual }) => manual !== undefined && !UPSTREAM_LIED.has(manual)).length,
    lied: payments.filter(({ manual }) => manual !== undefined && UPSTREAM_LIED.has(manual)).length,
    attempts: payments.reduce((sum, { attempts }) => sum + attempts.length, 0),
  }
}

/** A refund ended in two ways, by the word of its upstream. */
const CONTRADICTIONS: ReadonlySet<string> = new Set(['refund_contradicted', 'give_back_contradicted'])

/** Only after so many refusals of refunds a person is asked to give money back. */
const REFUSALS_TOLD = 5

const UPSTREAM_LIED = new Set(['answer_mismatch', 'canceled_after_approval', ...CONTRADICTIONS])

class Books {
  readonly #upstreams: ReadonlyMap<string, SimulatedUpstream>
  readonly #oracle: Oracle

  constructor(upstreams: readonly SimulatedUpstream[], oracle: Oracle) {
    this.#upstreams = new Map(upstreams.map(upstream => [upstream.id, upstream]))
    this.#oracle = oracle
  }

  order(order: number, stored: readonly StoredPayment[]): void {
    const holding = stored.filter(({ payment }) => payment.attempts.some(attempt => this.#held(attempt) > 0))
    if (holding.length > 1 && holding.every(({ payment }) => payment.manual === undefined)) {
      this.#oracle.fail('I7', `order ${order}: ${holding.length} payments hold money`)
    }
    for (const { payment } of stored) {
      this.#live(payment)
      for (const attempt of payment.attempts) this.#money(payment, attempt)
      for (const operation of payment.operations) this.#operation(payment, operation)
      this.#captures(payment)
    }
  }

  /** Everything has ended, or waits for a person because nothing else can tell. */
  #live(payment: Payment): void {
    const { id, manual } = payment
    if (manual === undefined) {
      if (hasOpenWork(payment)) this.#oracle.fail('I17', `${id}: has not ended: ${stateOf(payment)}`)
      return
    }
    if (manual === 'answer_mismatch' && payment.attempts.some(attempt => this.#lied(attempt))) return
    if (manual === 'canceled_after_approval' && this.#betrayed(payment)) return
    if (CONTRADICTIONS.has(manual) && this.#oracle.contradicted.has(orderOf(payment))) return
    if (manual === 'give_back_refused' && payment.attempts.some(attempt => this.#refusedToGiveBack(attempt)))
      return
    const stuck = payment.attempts.find(({ status }) => status === 'unknown' || status === 'processing')
    const capable = stuck === undefined || this.#upstreams.get(stuck.route)?.type.mayNeedPerson !== true
    if (capable) this.#oracle.fail('I17', `${id}: needs a person (${manual}): ${stateOf(payment)}`)
  }

  /** What an attempt's upstream holds is what the payment says that it holds. */
  #money(payment: Payment, attempt: Attempt): void {
    if (payment.manual !== undefined) return
    // Where nobody can ask, "already paid" is all that is heard of a payment of another amount.
    if (attempt.cancelRefused && !attempt.contract.queryable && this.#lied(attempt)) return
    const held = this.#held(attempt)
    const expected = attempt.reference === payment.winner ? expectedOfWinner(payment) : 0
    if (held !== expected) {
      const { reference, status } = attempt
      this.#oracle.fail(
        'I3',
        `${reference} (${status}): ${held} held, ${expected} expected: ${stateOf(payment)}`,
      )
    }
  }

  #operation(payment: Payment, { id, kind, reference, amount, status }: Operation): void {
    if (kind !== 'refund' || payment.manual !== undefined) return
    const refund = this.#chargeOf(payment)?.refunds.get(reference)
    const given = refund?.state === 'approved' ? refund.value : 0
    const expected = status === 'succeeded' ? amount.value : 0
    if (given !== expected) this.#oracle.fail('I14', `${id}: ${given} refunded, ${expected} expected`)
  }

  /** The captures that are told as made were made, and the rest is released exactly after a last one. */
  #captures(payment: Payment): void {
    const charge = this.#chargeOf(payment)
    if (payment.manual !== undefined || charge === undefined) return
    const made = payment.operations.filter(({ kind, status }) => kind === 'capture' && status === 'succeeded')
    const same =
      made.length === charge.captures.size && made.every(({ reference }) => charge.captures.has(reference))
    if (!same)
      this.#oracle.fail('I14', `${payment.id}: ${made.length} captures, ${charge.captures.size} made`)
    if (charge.released !== made.some(({ final }) => final === true)) {
      this.#oracle.fail('I14', `${payment.id}: the rest is ${charge.released ? '' : 'not '}released`)
    }
  }

  #chargeOf({ attempts, winner }: Payment): UpstreamPayment | undefined {
    const route = attempts.find(({ reference }) => reference === winner)?.route ?? ''
    return this.#upstreams
      .get(route)
      ?.payments.get(winner ?? '')
      ?.at(-1)
  }

  #held({ route, reference }: Attempt): number {
    return this.#upstreams.get(route)?.heldBy(reference) ?? 0
  }

  #lied({ route, reference, amount }: Attempt): boolean {
    const charges = this.#upstreams.get(route)?.payments.get(reference) ?? []
    return charges.some(({ value }) => value !== amount.value)
  }

  #refusedToGiveBack({ route, reference }: Attempt): boolean {
    const charges = this.#upstreams.get(route)?.payments.get(reference) ?? []
    const refunds = charges.flatMap(charge => [...charge.refunds.values()])
    return refunds.filter(({ state, flipped }) => state === 'declined' || flipped).length >= REFUSALS_TOLD
  }

  #betrayed(payment: Payment): boolean {
    return this.#oracle.betrayed.has(orderOf(payment))
  }
}

function orderOf({ context: { orderId } }: Payment): number {
  return Number(orderId.slice('order-'.length))
}

function expectedOfWinner(payment: Payment): number {
  const succeeded = (kind: Operation['kind']) =>
    payment.operations
      .filter(operation => operation.kind === kind && operation.status === 'succeeded')
      .reduce((sum, { amount }) => sum + amount.value, 0)
  if (succeeded('void') > 0) return 0
  const amount = payment.context.amount.value
  const manual = payment.context.capture === 'manual'
  const captured = manual ? succeeded('capture') : amount
  return manual && captured === 0 ? amount : captured - succeeded('refund')
}

/** Every change that is told has its event, and the numbers of a payment's events have no gap. */
async function checkOutbox(
  journal: SimulatedJournal,
  payments: readonly Payment[],
  oracle: Oracle,
): Promise<void> {
  const numbers = new Map<string, number[]>()
  for (const { body } of await journal.memory.claimOutbox(100_000, 1)) {
    const { data } = JSON.parse(body) as { data: { id: string; payment?: string; sequence: number } }
    const { id: own, payment, sequence } = data
    const id = payment ?? own
    const known = numbers.get(id)
    if (known === undefined) numbers.set(id, [sequence])
    else known.push(sequence)
  }
  for (const { id, sequence, result } of payments) {
    const told = (numbers.get(id) ?? []).sort((a, b) => a - b)
    const gap = told.length !== sequence || told.some((number, i) => number !== i + 1)
    if (gap) oracle.fail('I16', `${id}: events ${told.join(',')} of ${sequence}`)
    const untold = result !== undefined && result !== 'authorized' && sequence === 0
    if (untold) oracle.fail('I16', `${id}: ended as ${result}, and nobody was told`)
  }
}

/** The pool has lent what attempts hold, and keeps aside what may still turn out to be held. */
async function checkFunds(
  journal: SimulatedJournal,
  payments: readonly Payment[],
  oracle: Oracle,
): Promise<void> {
  const sums = { used: 0, reserved: 0 }
  for (const { attempts, winner, operations } of payments) {
    const voided = operations.some(({ kind, status }) => kind === 'void' && status === 'succeeded')
    for (const attempt of attempts) {
      if (voided && attempt.reference === winner) continue
      if (holdsMoney(attempt))
        sums.used += keptOf(operations, attempt.reference === winner, attempt.amount.value)
      else if (attempt.status === 'unknown' || attempt.status === 'processing') {
        sums.reserved += attempt.amount.value
      }
    }
  }
  const funds = (await journal.memory.listFunds()).find(({ source }) => source === POOL.source)
  if (funds?.used !== sums.used || funds.reserved !== sums.reserved) {
    oracle.fail(
      'I14',
      `the pool says ${funds?.used}/${funds?.reserved}, attempts ${sums.used}/${sums.reserved}`,
    )
  }
}

/** All of it, until a last capture was made; then what was captured. */
function keptOf(operations: readonly Operation[], isWinner: boolean, amount: number): number {
  const captures = operations.filter(({ kind, status }) => kind === 'capture' && status !== 'failed')
  const ended = captures.some(({ final, status }) => final === true && status === 'succeeded')
  return isWinner && ended ? captures.reduce((sum, capture) => sum + capture.amount.value, 0) : amount
}

function stateOf({ result, attempts, operations, obligations }: Payment): string {
  const of = (list: readonly { status: string }[]) => list.map(({ status }) => status).join('+') || '-'
  return `${result ?? 'no result'}, attempts ${of(attempts)}, operations ${of(operations)}, owed ${of(obligations)}`
}
