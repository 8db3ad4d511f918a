import type { Gateway } from './runtime.ts'
import { askAboutOpen, distrustOpenAttempts } from './open-after-restore.ts'
import { reconcile } from './reconcile.ts'
import { type Hold, readPosition, type Recovery, readRecovery, settledAt, writeRecovery } from './recovery.ts'
import { inOrder, type Reconciled, type UpstreamRecord } from './upstream-record.ts'

/** Records that wait for a person, by route and references. */
const WAITING = 'recovery-waiting'
const WAITING_MAX = 100_000

export type RecoverCommand =
  | { readonly kind: 'hold'; readonly sinceAt: number }
  | {
      readonly kind: 'records'
      readonly records: readonly UpstreamRecord[]
      readonly routes: readonly string[]
    }
  | { readonly kind: 'status' }
  | { readonly kind: 'release'; readonly acceptMissing: boolean }

export interface RecoverReport {
  readonly recovery?: Recovery
  /** How far the journal has come, by its own count. */
  readonly position?: number
  /** Payments that are not finished. They go on when sends are released. */
  readonly open: number
  /** Records that could not be joined, each with the reason. */
  readonly waiting: readonly { readonly record: UpstreamRecord; readonly reason: string }[]
  /** What came of the records that were brought now. */
  readonly joined: Readonly<Record<string, number>>
  /** What stands against a release; empty when nothing does. */
  readonly missing: readonly string[]
}

/**
 * One step of the recovery after a restore: `hold` keeps sends back, `records` joins what upstreams have on their books,
 * `release` lets payments go on. Every step asks about what is open, and may be repeated. Rejects with
 * `JournalUnavailable`, and with a sentence where the step is not in order.
 */
export async function recover(gateway: Gateway, command: RecoverCommand): Promise<RecoverReport> {
  const before = await readRecovery(gateway.ports.journal)
  const joined: Record<string, number> = {}
  switch (command.kind) {
    case 'hold':
      await holdSends(gateway, command.sinceAt)
      break
    case 'records': {
      if (before?.recovery.phase !== 'held') throw new TypeError('nothing is held; begin with --since')
      for (const record of inOrder(command.records)) {
        const result = await reconcile(gateway, record)
        joined[result.kind] = (joined[result.kind] ?? 0) + 1
        await note(gateway, record, result)
      }
      const recordsOf = [...new Set([...before.recovery.recordsOf, ...command.routes])]
      await write(gateway, { ...before.recovery, recordsOf }, before.version)
      break
    }
    case 'status':
      break
    case 'release': {
      if (before?.recovery.phase !== 'held') throw new TypeError('nothing is held')
      const report = await reportOn(gateway, joined)
      const accepted = command.acceptMissing ? report.missing.filter(isBinding) : report.missing
      if (accepted.length > 0) return report
      const releasedAt = gateway.ports.clock.now()
      await write(gateway, { ...before.recovery, phase: 'released', releasedAt }, before.version)
      break
    }
  }
  return reportOn(gateway, joined)
}

/** The same in a gateway that runs, which obeys it at once. */
export async function recoverRunning(
  gateway: Gateway,
  hold: Hold,
  command: RecoverCommand,
): Promise<RecoverReport> {
  try {
    return await recover(gateway, command)
  } finally {
    await hold.read()
  }
}

/**
 * Holds sends for what happened since then. The later of two beginnings would forget the earlier one, so that one stands;
 * the wait starts anew. Rejects with `JournalUnavailable`.
 */
export async function holdSends(gateway: Gateway, sinceAt: number): Promise<void> {
  const heldAt = gateway.ports.clock.now()
  const before = await readRecovery(gateway.ports.journal)
  const held = before?.recovery.phase === 'held' ? before.recovery : undefined
  const recovery: Recovery = {
    phase: 'held',
    sinceAt: Math.min(sinceAt, held?.sinceAt ?? sinceAt),
    heldAt,
    recordsOf: [],
  }
  await write(gateway, recovery, before?.version ?? 0)
  await distrustOpenAttempts(gateway, heldAt)
}

async function write(gateway: Gateway, recovery: Recovery, version: number): Promise<void> {
  const { journal, clock } = gateway.ports
  if (!(await writeRecovery(journal, recovery, clock.now(), version))) {
    throw new Error('another recovery is at work; look at its state and repeat')
  }
}

async function note(gateway: Gateway, record: UpstreamRecord, result: Reconciled): Promise<void> {
  const { journal, clock } = gateway.ports
  const { route, reference, status, operationReference = '' } = record
  const key = [route, reference, status, operationReference].join('/')
  const known = await journal.getRecord(WAITING, key)
  if (known === undefined && result.kind !== 'manual') return
  const body = JSON.stringify(
    result.kind === 'manual' ? { record, reason: result.reason } : { settled: true },
  )
  await journal.putRecord({ collection: WAITING, key, at: clock.now(), body }, known?.version ?? 0)
}

async function reportOn(gateway: Gateway, joined: Readonly<Record<string, number>>): Promise<RecoverReport> {
  const position = (await readPosition(gateway.ports.journal))?.noted.position
  return { ...(position === undefined ? {} : { position }), ...(await standing(gateway, joined)) }
}

async function standing(gateway: Gateway, joined: Readonly<Record<string, number>>): Promise<RecoverReport> {
  const { journal, clock } = gateway.ports
  const stored = await readRecovery(journal)
  if (stored?.recovery.phase !== 'held') {
    const open = await journal.listOpen(undefined, WAITING_MAX)
    return {
      ...(stored && { recovery: stored.recovery }),
      open: open.length,
      waiting: [],
      joined,
      missing: [],
    }
  }
  const { recovery } = stored
  const { open } = await askAboutOpen(gateway)
  const rows = await journal.listRecords(WAITING, '', WAITING_MAX)
  const waiting = rows
    .map(({ body }) => JSON.parse(body) as RecoverReport['waiting'][number] & { settled?: true })
    .filter(({ settled }) => settled !== true)
  const runtime = gateway.runtime()
  const readyAt = settledAt(recovery, runtime)
  const unread = [...runtime.routes.keys()].filter(route => !recovery.recordsOf.includes(route))
  const missing = [
    ...(clock.now() < readyAt
      ? [`${BINDING} until ${new Date(readyAt).toISOString()} what was sent before may still take effect`]
      : []),
    ...unread.map(route => `the records of ${route} since ${new Date(recovery.sinceAt).toISOString()}`),
    ...(waiting.length > 0 ? [`${waiting.length} records that wait for a person`] : []),
  ]
  return { recovery, open, waiting, joined, missing }
}

/** Time cannot be accepted away. */
const BINDING = 'time:'
const isBinding = (line: string): boolean => line.startsWith(BINDING)
