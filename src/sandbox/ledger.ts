import {
  closeSync,
  existsSync,
  fdatasyncSync,
  openSync,
  readFileSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import * as z from 'zod'
import { SANDBOX_ROUTES, type SandboxRoute } from './protocol.ts'

/**
 * - `charged`, `captured`: money taken; `voided`, `refunded`: money given back
 * - `authorized`, `released`: a hold, no money
 * - `tombstoned`: a reference made unusable before it was seen
 */
const recordSchema = z.object({
  seq: z.int(),
  /** Unix ms. */
  at: z.int(),
  route: z.enum(SANDBOX_ROUTES),
  kind: z.enum(['charged', 'authorized', 'captured', 'voided', 'released', 'refunded', 'tombstoned']),
  reference: z.string(),
  refundReference: z.string().optional(),
  captureReference: z.string().optional(),
  orderId: z.string(),
  payer: z.string(),
  currency: z.string(),
  /** Integer minor units, never negative. */
  value: z.int(),
})
export type LedgerRecord = z.output<typeof recordSchema>
export type LedgerKind = LedgerRecord['kind']

export interface LedgerTotals {
  records: number
  charged: number
  captured: number
  voided: number
  refunded: number
  /** charged + captured - voided - refunded: what the upstream holds of the payers' money. */
  net: number
}

/**
 * What the upstreams did with money, in order, never changed: the referee of every test about money. With a file,
 * each record is on disk (fdatasync) before the answer that it leads to.
 */
export class Ledger {
  readonly #totals = new Map<SandboxRoute, LedgerTotals>()
  readonly #recordsMax: number
  readonly #file: number | undefined
  #records: LedgerRecord[] = []
  #seq = 0

  /** `recordsMax` bounds the memory: the oldest records leave it, the totals and the file keep counting them. */
  constructor(recordsMax: number, path?: string) {
    this.#recordsMax = recordsMax
    if (path === undefined) return
    for (const record of readRecords(path)) this.#keep(record)
    this.#file = openSync(path, 'a', 0o600)
  }

  append(record: Omit<LedgerRecord, 'seq' | 'at'>): LedgerRecord {
    const full = { seq: this.#seq + 1, at: Date.now(), ...record }
    if (this.#file !== undefined) {
      writeSync(this.#file, `${JSON.stringify(full)}\n`)
      fdatasyncSync(this.#file)
    }
    this.#keep(full)
    return full
  }

  /** Records still in memory, oldest first. */
  get records(): readonly LedgerRecord[] {
    return this.#records
  }

  /** How many records have left the memory. */
  get dropped(): number {
    return this.#seq - this.#records.length
  }

  totals(route: SandboxRoute): LedgerTotals {
    const known = this.#totals.get(route)
    if (known) return known
    const fresh = { records: 0, charged: 0, captured: 0, voided: 0, refunded: 0, net: 0 }
    this.#totals.set(route, fresh)
    return fresh
  }

  /** Orders that hold money under more than one reference, over the records still in memory. */
  ordersPaidTwice(): string[] {
    const held = new Map<string, Map<string, number>>()
    for (const { kind, orderId, route, reference, value } of this.#records) {
      if (kind === 'authorized' || kind === 'released' || kind === 'tombstoned') continue
      const order = held.get(orderId) ?? new Map<string, number>()
      const key = `${route} ${reference}`
      const sign = kind === 'charged' || kind === 'captured' ? 1 : -1
      held.set(orderId, order.set(key, (order.get(key) ?? 0) + sign * value))
    }
    const twice = [...held].filter(([, order]) => [...order.values()].filter(value => value > 0).length > 1)
    return twice.map(([orderId]) => orderId)
  }

  /** Forgets everything; misuse on a ledger with a file, which is append-only. */
  clear(): void {
    if (this.#file !== undefined)
      throw new Error('A ledger with a file is append-only; start with another file.')
    this.#records = []
    this.#totals.clear()
    this.#seq = 0
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
  }

  #keep(record: LedgerRecord): void {
    this.#seq = record.seq
    this.#records.push(record)
    // In slices, so that the cost of dropping the oldest is spread over many records.
    if (this.#records.length > this.#recordsMax * 1.25) this.#records = this.#records.slice(-this.#recordsMax)
    const totals = this.totals(record.route)
    totals.records += 1
    const { kind, value } = record
    if (kind === 'charged' || kind === 'captured' || kind === 'voided' || kind === 'refunded')
      totals[kind] += value
    totals.net = totals.charged + totals.captured - totals.voided - totals.refunded
  }
}

/** The records of a file. A last line that a crash cut short was never answered for; it is cut off. */
function readRecords(path: string): LedgerRecord[] {
  if (!existsSync(path)) return []
  const bytes = readFileSync(path)
  const whole = bytes.lastIndexOf(0x0a) + 1
  if (whole < bytes.length) truncateSync(path, whole)
  const lines = bytes.subarray(0, whole).toString().split('\n')
  return lines.filter(Boolean).map(line => recordSchema.parse(JSON.parse(line)))
}
