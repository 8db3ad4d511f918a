/** How far a journal had come at some moment, as it is noted outside the journal. */
export interface JournalMark {
  /** Identity of the journal, given once. */
  readonly journal: string
  /** Unix ms at which the journal was given its identity. */
  readonly createdAt: number
  /** Grows with what the journal has; never noted before the journal has it. */
  readonly position: number
  /** Unix ms at which it was noted. */
  readonly at: number
}

/**
 * Keeps marks where a restore of the journal does not reach them. A mark that is lost or old only means that a restore is
 * not noticed. No method rejects, and none waits for long.
 */
export interface MarkStore {
  /** What is noted of this journal; without an identity, what is noted of whichever journal was here before. */
  read(journal: string | undefined): Promise<JournalMark | undefined>
  write(mark: JournalMark): Promise<void>
}
