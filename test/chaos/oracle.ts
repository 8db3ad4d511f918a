import { createHash } from 'node:crypto'
import { chained } from '../../src/adapters/journal/rules.ts'
import type { Payment } from '../../src/core/payment/payment.ts'
import { isOpenPayment } from '../../src/core/payment/trail.ts'
import { capturedValue, publicStatus, succeededBy } from '../../src/core/payment/view.ts'
import type { HistoryRow } from '../../src/ports/journal.ts'
import type { LedgerRecord } from '../../src/sandbox/ledger.ts'
import type { ReceivedEvent } from '../support/hook-receiver.ts'
import type { ClientAnswer, Shopper } from './driver.ts'

/** A payment as the journal holds it in the end. */
export interface JournalEntry {
  readonly payment: Payment
  readonly version: number
  readonly history: readonly HistoryRow[]
}

/** Everything that outsiders can compare when all is quiet again. */
export interface Evidence {
  readonly ledger: readonly LedgerRecord[]
  readonly journal: readonly JournalEntry[]
  readonly answers: readonly ClientAnswer[]
  readonly shoppers: readonly Shopper[]
  readonly events: readonly ReceivedEvent[]
  /** How often the upstreams were killed. */
  readonly upstreamKills: number
}

/** What must never be, each with the order or payment that shows it. Empty when the run holds. */
export function judge(evidence: Evidence): string[] {
  const entries = byOrder(evidence.journal)
  return [
    ...doubleCharges(evidence),
    ...moneyApart(evidence, entries),
    ...sentWithoutIntent(evidence),
    ...unfinished(evidence),
    ...answersApart(evidence),
    ...lostPayments(evidence),
    ...brokenHistories(evidence.journal),
    ...lostEvents(evidence),
  ]
}

type Entries = ReadonlyMap<string, readonly JournalEntry[]>

function byOrder(journal: readonly JournalEntry[]): Entries {
  return Map.groupBy(journal, ({ payment }) => payment.context.orderId)
}

const TAKES = new Set(['charged', 'captured', 'authorized'])

/**
 * No order holds money, or a hold, under two references at any moment; not even while it is being put right. Orders
 * whose upstream is scripted to charge after it has declined are left out: there nothing else is possible.
 */
function doubleCharges({ ledger, shoppers }: Evidence): string[] {
  const flips = new Set(
    shoppers.filter(({ behaviour }) => behaviour === 'declined_then_approved').map(({ orderId }) => orderId),
  )
  const held = new Map<string, Map<string, number>>()
  const found = new Set<string>()
  for (const { orderId, route, reference, kind, value } of ledger) {
    const order = held.get(orderId) ?? new Map<string, number>()
    held.set(orderId, order)
    const name = `${route} ${reference}`
    const now = order.get(name) ?? 0
    // A capture turns a hold into money: it is not held twice.
    if (kind === 'captured') continue
    order.set(name, TAKES.has(kind) ? now + value : now - value)
    const references = [...order.values()].filter(left => left > 0).length
    const twice = kind === 'charged' && now > 0
    if ((references > 1 || twice) && !flips.has(orderId)) found.add(`${orderId}: charged twice`)
  }
  return [...found]
}

/** What upstreams hold is what the journal says that they hold, order by order, refunds and captures included. */
function moneyApart({ ledger }: Evidence, entries: Entries): string[] {
  const net = new Map<string, number>()
  for (const { orderId, kind, value } of ledger) {
    const sign = {
      charged: 1,
      captured: 1,
      voided: -1,
      refunded: -1,
      authorized: 0,
      released: 0,
      tombstoned: 0,
    }
    net.set(orderId, (net.get(orderId) ?? 0) + sign[kind] * value)
  }
  return [...new Set([...net.keys(), ...entries.keys()])].flatMap(orderId => {
    const expected = (entries.get(orderId) ?? []).reduce((sum, { payment }) => sum + expectedNet(payment), 0)
    const real = net.get(orderId) ?? 0
    return real === expected ? [] : [`${orderId}: upstreams hold ${real}, the journal says ${expected}`]
  })
}

function expectedNet(payment: Payment): number {
  return payment.winner === undefined ? 0 : capturedValue(payment) - succeededBy(payment, 'refund')
}

/** Every reference that an upstream has taken money under was durable before. */
function sentWithoutIntent({ ledger, journal }: Evidence): string[] {
  const known = new Set(journal.flatMap(({ payment }) => payment.attempts.map(({ reference }) => reference)))
  return ledger
    .filter(({ kind, reference }) => TAKES.has(kind) && !known.has(reference))
    .map(({ orderId, reference }) => `${orderId}: ${reference} was charged and is in no intent`)
}

/** What a sandbox upstream has told of a payment that it keeps in memory alone. */
const ACKNOWLEDGED = new Set(['processing', 'requires_action'])

/**
 * A sandbox upstream that is killed forgets what it was still processing, or waiting for the payer with, uncharged. The
 * gateway takes no "not found" from who has acknowledged a payment: it goes on asking for a day, and then leaves it to a
 * person. That is right, and longer than a run.
 */
export function isForgottenAttempt(
  attempt: { readonly status: string; readonly reference: string },
  { ledger, upstreamKills }: Pick<Evidence, 'ledger' | 'upstreamKills'>,
): boolean {
  if (upstreamKills === 0 || !ACKNOWLEDGED.has(attempt.status)) return false
  return !ledger.some(({ reference, kind }) => reference === attempt.reference && kind !== 'tombstoned')
}

export function isForgotten({ payment }: JournalEntry, evidence: Evidence): boolean {
  const last = payment.attempts.at(-1)
  return payment.result === undefined && last !== undefined && isForgottenAttempt(last, evidence)
}

function unfinished(evidence: Evidence): string[] {
  return evidence.journal
    .filter(entry => isOpenPayment(entry.payment) && !isForgotten(entry, evidence))
    .map(({ payment }) => {
      const attempts = payment.attempts.map(({ route, status }) => `${route} ${status}`).join(', ')
      const why = payment.manual === undefined ? '' : `, manual: ${payment.manual}`
      return `${payment.context.orderId}: is not finished (${payment.result ?? 'no result'}; ${attempts}${why})`
    })
}

const TERMINAL = new Set(['succeeded', 'declined', 'canceled', 'authorized'])

/** Final answers under one key never differ, belong to one payment, and say what the journal says. */
function answersApart({ answers, journal }: Evidence): string[] {
  const payments = new Map(journal.map(({ payment }) => [payment.id, payment]))
  const first = new Map<string, ClientAnswer>()
  return answers.flatMap(answer => {
    const { key, kind, id, told, route, status } = answer
    if (kind !== 'pay' || (status !== 200 && status !== 201) || id === undefined) return []
    const before = first.get(key) ?? answer
    if (before.id !== id) return [`${key}: was told of ${before.id} and then of ${id}`]
    if (!TERMINAL.has(told ?? '')) return []
    if (!first.has(key)) first.set(key, answer)
    if (before.told !== told || before.route !== route) {
      return [`${key}: was told ${before.told} ${before.route} and then ${told} ${route}`]
    }
    const payment = payments.get(id)
    if (payment === undefined || agrees(payment, told ?? '')) return []
    return [`${key}: was told ${told}, and the journal says ${publicStatus(payment)}`]
  })
}

function agrees(payment: Payment, told: string): boolean {
  const status = publicStatus(payment)
  return status === told || (told === 'authorized' && (status === 'succeeded' || status === 'canceled'))
}

/** Whatever a client was told of is in the journal. */
function lostPayments({ answers, journal }: Evidence): string[] {
  const known = new Set(
    journal.flatMap(({ payment }) => [payment.id, ...payment.operations.map(({ id }) => id)]),
  )
  const told = answers.filter(({ id, status }) => id !== undefined && status >= 200 && status < 300)
  return [...new Set(told.map(({ id }) => id as string))]
    .filter(id => !known.has(id))
    .map(id => `${id}: a client was told of it, and the journal does not know it`)
}

/** Histories are whole: every version once, chained by hash, and no epoch after a later one. */
function brokenHistories(journal: readonly JournalEntry[]): string[] {
  return journal.flatMap(({ payment, version, history }) => {
    let hash = ''
    let epoch = 0
    for (const [index, row] of history.entries()) {
      const text = chained(hash, row.version, row.epoch, row.at, row.body)
      hash = createHash('sha256').update(text).digest('hex')
      if (row.version !== index + 1)
        return [`${payment.id}: version ${index + 1} is missing from its history`]
      if (row.hash !== hash) return [`${payment.id}: the hash of version ${row.version} does not hold`]
      if (row.epoch < epoch) return [`${payment.id}: version ${row.version} was written under an old epoch`]
      epoch = row.epoch
    }
    return history.length === version
      ? []
      : [`${payment.id}: its history ends at ${history.length} of ${version}`]
  })
}

/** Every change that is told of has reached the tenant at least once, in a sequence without gaps. */
function lostEvents({ journal, events }: Evidence): string[] {
  const bySubject = Map.groupBy(events, ({ data }) => String(data['payment'] ?? data['id']))
  return journal.flatMap(({ payment }) => {
    const told = bySubject.get(payment.id) ?? []
    const ids = new Map<number, Set<string>>()
    for (const { id, data } of told) {
      const sequence = Number(data['sequence'])
      ids.set(sequence, (ids.get(sequence) ?? new Set<string>()).add(id))
    }
    const missing = Array.from({ length: payment.sequence }, (_, i) => i + 1).filter(n => !ids.has(n))
    if (missing.length > 0) return [`${payment.id}: the tenant never heard of events ${missing.join(', ')}`]
    const torn = [...ids].filter(([sequence, each]) => each.size > 1 || sequence > payment.sequence)
    return torn.map(([sequence]) => `${payment.id}: sequence ${sequence} was given to two events`)
  })
}
