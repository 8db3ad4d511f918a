import { isQuotaRow } from '../core/liquidity/fund-rows.ts'
import {
  answerReport,
  newSharedSource,
  sharedTotals,
  type SharedSource,
} from '../core/liquidity/shared-source.ts'
import type { Clock } from '../ports/clock.ts'
import type { FundSlices, SliceAnswer, SliceQuestion } from '../ports/fund-slices.ts'
import { type FundMovement, type Journal, JournalUnavailable, type RecordRow } from '../ports/journal.ts'
import { declareCap } from './declared-caps.ts'

const LEDGERS = 'fund_ledger'
const RETRIES_MAX = 8
/** Quotas of days so long past are forgotten, ms. */
const FORGET_MS = 2 * 86_400_000

type Ledgers = Readonly<Record<string, SharedSource>>

/**
 * The coordinator of slices, over a journal of its own: caps and who has which part of them. Its answer is durable before
 * it is given, so that no two shards are ever granted the same money.
 */
export class SliceDesk implements FundSlices {
  readonly #journal: Journal
  readonly #clock: Clock

  constructor(journal: Journal, clock: Clock) {
    this.#journal = journal
    this.#clock = clock
  }

  async exchange(pool: string, question: SliceQuestion): Promise<SliceAnswer> {
    const caps = await this.#caps(pool, question)
    for (let tries = 0; tries < RETRIES_MAX; tries++) {
      const row = await this.#journal.getRecord(LEDGERS, pool)
      const before = row === undefined ? {} : (JSON.parse(row.body) as Ledgers)
      const { ledgers, answer } = answerAll(pool, before, question, caps, this.#clock.now())
      const next = { collection: LEDGERS, key: pool, at: this.#clock.now(), body: JSON.stringify(ledgers) }
      if (await this.#journal.putRecord(next, row?.version ?? 0)) return answer
    }
    throw new JournalUnavailable('too many shards ask at the same moment')
  }

  setCap(movement: FundMovement): Promise<'applied' | 'duplicate' | 'refused'> {
    return this.#journal.moveFunds(movement)
  }

  getRecord(collection: string, key: string): Promise<RecordRow | undefined> {
    return this.#journal.getRecord(collection, key)
  }

  putRecord(row: Omit<RecordRow, 'version'>, expectedVersion: number): Promise<boolean> {
    return this.#journal.putRecord(row, expectedVersion)
  }

  listRecords(collection: string, prefix: string, limit: number): Promise<RecordRow[]> {
    return this.#journal.listRecords(collection, prefix, limit)
  }

  /** Caps as the configuration declares them, or as a funder has changed them since. */
  async #caps(pool: string, { sources }: SliceQuestion): Promise<ReadonlyMap<string, number>> {
    for (const { source, cap } of sources) {
      if (!isQuotaRow(source)) await declareCap(this.#journal, this.#clock, pool, source, cap)
    }
    const rows = await this.#journal.listFunds()
    return new Map(rows.filter(row => row.pool === pool).map(({ source, cap }) => [source, cap]))
  }
}

function answerAll(
  pool: string,
  before: Ledgers,
  question: SliceQuestion,
  caps: ReadonlyMap<string, number>,
  now: number,
): { readonly ledgers: Ledgers; readonly answer: SliceAnswer } {
  const after: Record<string, SharedSource> = {}
  for (const [source, shared] of Object.entries(before)) {
    const seenMs = Math.max(...Object.values(shared.shards).map(one => one.seenMs))
    if (!isQuotaRow(source) || now - seenMs < FORGET_MS) after[source] = shared
  }
  const orders: SliceAnswer['orders'][number][] = []
  for (const { source, cap: declared, report } of question.sources) {
    const cap = caps.get(source) ?? declared
    const { source: shared, order } = answerReport(
      after[source] ?? newSharedSource(cap),
      question,
      report,
      cap,
      now,
    )
    after[source] = shared
    if (order !== undefined) orders.push({ source, order })
  }
  const whole = Object.entries(after).map(([source, shared]) => ({
    pool,
    source,
    cap: shared.ledger.announcedCap,
    ...sharedTotals(shared),
  }))
  return { ledgers: after, answer: { orders, whole } }
}
