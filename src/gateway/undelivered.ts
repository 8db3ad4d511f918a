import type { Journal, OutboxItem, RecordRow } from '../ports/journal.ts'

const ENDPOINTS = 'webhook_endpoints'
const UNDELIVERED = 'webhook_undelivered'
const ENDPOINTS_MAX = 10_000
/** Events that one redelivery puts back; beyond it the operator asks again. */
export const REDELIVER_MAX = 1_000
const WRITES_MAX = 16

interface Undelivered {
  readonly item: OutboxItem
  readonly cause: string
  /** Unix ms at which it was put back into the outbox. */
  readonly redeliveredAt?: number
}

/** Endpoints that have said 410 and were not enabled again. Rejects with `JournalUnavailable`. */
export async function disabledEndpoints(journal: Journal): Promise<ReadonlySet<string>> {
  const rows = await journal.listRecords(ENDPOINTS, '', ENDPOINTS_MAX)
  return new Set(rows.filter(isDisabled).map(({ key }) => key))
}

function isDisabled({ body }: RecordRow): boolean {
  return (JSON.parse(body) as { disabled: boolean }).disabled
}

export function disableEndpoint(journal: Journal, endpoint: string, now: number): Promise<void> {
  return setDisabled(journal, endpoint, true, now)
}

/** Events that have come in between are told only by a redelivery. Safe to repeat. */
export function enableEndpoint(journal: Journal, endpoint: string, now: number): Promise<void> {
  return setDisabled(journal, endpoint, false, now)
}

async function setDisabled(journal: Journal, endpoint: string, disabled: boolean, at: number): Promise<void> {
  for (let writes = 0; writes < WRITES_MAX; writes++) {
    const known = await journal.getRecord(ENDPOINTS, endpoint)
    if ((known !== undefined && isDisabled(known)) === disabled) return
    const row = { collection: ENDPOINTS, key: endpoint, at, body: JSON.stringify({ disabled }) }
    if (await journal.putRecord(row, known?.version ?? 0)) return
  }
  throw new Error('an endpoint changed more often than it could be written')
}

/** Keeps an event that is not sent any more, by the day (UTC) on which that was decided. Safe to repeat. */
export async function keepUndelivered(
  journal: Journal,
  { id, tenant, endpoint, type, body, dueAt }: OutboxItem,
  cause: string,
  now: number,
): Promise<void> {
  const kept: Undelivered = { item: { id, tenant, endpoint, type, body, dueAt }, cause }
  const row = {
    collection: UNDELIVERED,
    key: `${endpoint}/${dayOf(now)}/${id}`,
    at: now,
    body: JSON.stringify(kept),
  }
  if (await journal.putRecord(row, 0)) return
  const known = await journal.getRecord(UNDELIVERED, row.key)
  if (known !== undefined) await journal.putRecord(row, known.version)
}

/**
 * Puts the events of one day (UTC, `YYYY-MM-DD`) that an endpoint did not take back into the outbox, and says how
 * many. Each is put back once, unless it fails anew. Safe to repeat. Rejects with `JournalUnavailable`.
 */
export async function redeliver(
  journal: Journal,
  endpoint: string,
  day: string,
  now: number,
): Promise<{ readonly count: number; readonly more: boolean }> {
  const rows = await journal.listRecords(UNDELIVERED, `${endpoint}/${day}/`, UNDELIVERED_PER_DAY_MAX)
  const waiting = rows
    .map(row => ({ row, kept: JSON.parse(row.body) as Undelivered }))
    .filter(({ kept }) => kept.redeliveredAt === undefined)
  const chosen = waiting.slice(0, REDELIVER_MAX)
  for (const { row, kept } of chosen) {
    await journal.putOutbox([{ ...kept.item, dueAt: now }])
    const body = JSON.stringify({ ...kept, redeliveredAt: now })
    await journal.putRecord({ collection: UNDELIVERED, key: row.key, at: row.at, body }, row.version)
  }
  return { count: chosen.length, more: waiting.length > chosen.length }
}

const UNDELIVERED_PER_DAY_MAX = 100_000

function dayOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10)
}
