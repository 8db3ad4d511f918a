import { CLOCK_ERROR_MS } from '../core/payment/transition.ts'
import type { JournalMark, MarkStore } from '../ports/mark-store.ts'
import type { Telemetry } from '../ports/telemetry.ts'
import { distrustOpenAttempts } from './open-after-restore.ts'
import { holdSends } from './recover.ts'
import { type Hold, type NotedPosition, readPosition, readRecovery, writePosition } from './recovery.ts'
import type { Gateway } from './runtime.ts'

/** How much earlier than its newest note a restored journal may have been left behind, ms. */
const SLACK_MS = 5_000

/** How a journal was found: as it was left, or missing what it had before; then sends are held. */
export type Found = 'whole' | 'behind' | 'gone'

/** Counts the writes of money, so that a gateway at rest notes nothing. */
export class WriteCount implements Telemetry {
  count = 0

  record({ kind }: Parameters<Telemetry['record']>[0]): void {
    if (kind === 'journal_commit') this.count++
  }
}

/**
 * Notices that the journal has lost what it had: it was restored from a backup, failed over to a standby that was behind,
 * or was removed. The journal counts its own position, and marks outside it say how far it had come; a journal that is
 * behind its mark holds sends, as `fundroute recover --since` does, until they are released.
 *
 * Fail-safe: marks are noted only after the journal has the position, so that no mark is ever ahead of a journal that has
 * lost nothing; and a mark that is lost, old or unreadable stops nobody, it only notices nothing.
 */
export class RestoreWatch {
  readonly #gateway: Gateway
  readonly #marks: readonly MarkStore[]
  readonly #writes: { readonly count: number }
  #noted: NotedPosition | undefined
  #seen = -1

  constructor(gateway: Gateway, marks: readonly MarkStore[], writes: { readonly count: number }) {
    this.#gateway = gateway
    this.#marks = marks
    this.#writes = writes
  }

  /** Before anything is sent. Rejects with `JournalUnavailable`; then it is not known, and the caller must not go on. */
  async start(): Promise<Found> {
    const { journal, clock, random } = this.#gateway.ports
    const first = await readPosition(journal)
    const mark = await this.#newest(first?.noted.journal)
    // Read again: a mark may be newer than what was read before it, as long as others write.
    const row = mark === undefined ? first : await readPosition(journal)
    const own = row?.noted
    if (own !== undefined && (mark === undefined || mark.position <= own.position)) {
      this.#noted = own
      return 'whole'
    }
    if (own === undefined && mark === undefined) {
      await this.#note({ journal: random.hex(32), createdAt: clock.now(), position: 1 }, 0)
      return 'whole'
    }
    const sinceAt = own === undefined ? (mark?.createdAt ?? 0) : (row?.at ?? 0)
    await this.#hold(mark as JournalMark, sinceAt)
    // A journal without an identity that lies where another was has its place, and so its name.
    const identity = own ?? { journal: random.hex(32), createdAt: clock.now() }
    const position = (mark?.position ?? 0) + 1
    await this.#note(
      { journal: identity.journal, createdAt: identity.createdAt, position },
      row?.version ?? 0,
    )
    return own === undefined ? 'gone' : 'behind'
  }

  /**
   * Notes how far the journal has come, if money was written since; and notices that it went back while this process was
   * running. Rejects with `JournalUnavailable`.
   */
  async beat(): Promise<Found> {
    const { journal, clock } = this.#gateway.ports
    // Before the journal is read: what is noted meanwhile may be further than what is read.
    const last = this.#noted
    const row = await readPosition(journal)
    const own = row?.noted
    if (last !== undefined && (own?.journal !== last.journal || own.position < last.position)) {
      await this.#hold({ ...last, at: clock.now() }, own === undefined ? last.createdAt : (row?.at ?? 0))
      const identity = own ?? last
      await this.#note({ ...identity, position: last.position + 1 }, row?.version ?? 0)
      return own === undefined ? 'gone' : 'behind'
    }
    const { count } = this.#writes
    if (own === undefined || count === this.#seen) return 'whole'
    this.#noted = own
    if (await this.#note({ ...own, position: own.position + 1 }, row?.version ?? 0)) this.#seen = count
    return 'whole'
  }

  /** One round of the watch: what people hold is obeyed also while the journal takes no note. */
  async round(hold: Hold): Promise<'idle'> {
    try {
      await this.beat()
    } finally {
      await hold.read()
    }
    return 'idle'
  }

  /** First in the journal, then outside it. False when another instance was quicker. */
  async #note(noted: NotedPosition, version: number): Promise<boolean> {
    const { journal, clock } = this.#gateway.ports
    const at = clock.now()
    if (!(await writePosition(journal, noted, at, version))) return false
    this.#noted = noted
    await Promise.all(this.#marks.map(store => store.write({ ...noted, at })))
    return true
  }

  async #newest(journal: string | undefined): Promise<JournalMark | undefined> {
    const marks = await Promise.all(this.#marks.map(store => store.read(journal)))
    return marks
      .filter(mark => mark !== undefined)
      .toSorted((a, b) => b.position - a.position)
      .at(0)
  }

  /**
   * Nothing to do where people have held sends since the mark was noted: they know of the restore. A hold of a moment that
   * is still to come was dated by a clock that has been set back since, and says nothing of what came first.
   */
  async #hold(mark: JournalMark, sinceAt: number): Promise<void> {
    const { journal, clock, telemetry } = this.#gateway.ports
    const known = (await readRecovery(journal))?.recovery
    const dated = known !== undefined && known.heldAt <= clock.now() + CLOCK_ERROR_MS
    if (dated && known.heldAt + CLOCK_ERROR_MS >= mark.at) {
      // Whoever held them may have died before it was through.
      if (known.phase === 'held') await distrustOpenAttempts(this.#gateway, known.heldAt)
      return
    }
    telemetry.record({ kind: 'fault', area: 'restore', cause: 'journal_behind' })
    await holdSends(this.#gateway, Math.max(0, sinceAt - SLACK_MS))
  }
}
