import { CLOCK_ERROR_MS } from '../core/payment/transition.ts'
import type { Journal } from '../ports/journal.ts'
import type { JournalMark } from '../ports/mark-store.ts'
import type { Runtime } from './runtime.ts'

/** How far a restore of the journal has been reconciled. Kept in the journal, so that every instance obeys it. */
export interface Recovery {
  /** While `held`, nothing is sent but questions and what gives an answer to what was sent before. */
  readonly phase: 'held' | 'released'
  /** Unix ms of the restored state: what upstreams did since is perhaps not in the journal. */
  readonly sinceAt: number
  /** Unix ms at which sends were held. */
  readonly heldAt: number
  /** Routes whose records since then have been read. */
  readonly recordsOf: readonly string[]
  readonly releasedAt?: number
}

export interface StoredRecovery {
  readonly recovery: Recovery
  readonly version: number
}

/** Where the journal notes its own identity and how far it has come. */
const POSITION = { collection: 'recovery', key: 'position' } as const

export type NotedPosition = Omit<JournalMark, 'at'>

/** How far a journal has come by its own count, with the record that says so; undefined where none was begun. */
export async function readPosition(
  journal: Journal,
): Promise<{ readonly noted: NotedPosition; readonly version: number; readonly at: number } | undefined> {
  const row = await journal.getRecord(POSITION.collection, POSITION.key)
  return row && { noted: JSON.parse(row.body) as NotedPosition, version: row.version, at: row.at }
}

/** Writes how far it has come. False when somebody else has written in between. */
export function writePosition(
  journal: Journal,
  noted: NotedPosition,
  at: number,
  version = 0,
): Promise<boolean> {
  return journal.putRecord({ ...POSITION, at, body: JSON.stringify(noted) }, version)
}

const STATE = { collection: 'recovery', key: 'state' } as const

export async function readRecovery(journal: Journal): Promise<StoredRecovery | undefined> {
  const row = await journal.getRecord(STATE.collection, STATE.key)
  return row && { recovery: JSON.parse(row.body) as Recovery, version: row.version }
}

/** Writes how it stands now. False when somebody else has written in between. */
export function writeRecovery(
  journal: Journal,
  recovery: Recovery,
  at: number,
  version = 0,
): Promise<boolean> {
  return journal.putRecord({ ...STATE, at, body: JSON.stringify(recovery) }, version)
}

/** Thrown by whatever would send money while a restore is not reconciled. Nothing was written or sent. */
export class SendsHeld extends Error {
  override readonly name = 'SendsHeld'
}

/** @throws SendsHeld while sends are held */
export function assertNotHeld({ held }: { readonly held?: () => boolean }): void {
  if (held?.() === true) throw new SendsHeld('sends wait until the restore is reconciled')
}

/**
 * Whether sends are held, as this process last read it. What cannot be read stays as it was; the first reading has to
 * succeed before the process serves.
 */
export class Hold {
  readonly #journal: Journal
  #held = false

  constructor(journal: Journal) {
    this.#journal = journal
  }

  get held(): boolean {
    return this.#held
  }

  async read(): Promise<void> {
    this.#held = (await readRecovery(this.#journal))?.recovery.phase === 'held'
  }
}

/**
 * Unix ms from which nothing that was sent before the hold can still take effect, by what the routes promise. Those that
 * promise nothing are left out: their attempts are never concluded to be absent.
 */
export function settledAt({ heldAt }: Recovery, { routes }: Runtime): number {
  const longest = [...routes.values()].map(
    ({ route }) => route.timeoutMs + (route.capability.settleWindowMs ?? 0),
  )
  return heldAt + Math.max(0, ...longest) + CLOCK_ERROR_MS
}
