import { beforeEach, describe } from 'vitest'
import type { Journal } from '../../src/ports/journal.ts'
import { journalBeginContract } from './journal-begin.contract.ts'
import { journalClaimContract } from './journal-claim.contract.ts'
import { journalFundsContract } from './journal-funds.contract.ts'
import { journalModelContract } from './journal-model.contract.ts'
import { journalRowsContract } from './journal-rows.contract.ts'
import { journalSaveContract } from './journal-save.contract.ts'
import { journalTogetherContract } from './journal-together.contract.ts'

export interface JournalUnderTest {
  readonly journal: Journal
  /** Another instance on the same data; the same one where an adapter allows one only. */
  readonly other: Journal
  /** The journal's clock, Unix ms. */
  readonly now: () => number
  /** Moves the journal's clock on. */
  readonly advance: (ms: number) => Promise<void>
}

/** What every adapter of the journal port promises. `make` gives an empty journal, before every test. */
export function journalContract(make: () => Promise<JournalUnderTest>): void {
  let under: JournalUnderTest
  const get = () => under
  beforeEach(async () => {
    under = await make()
  })
  describe('begin', () => journalBeginContract(get))
  describe('save', () => journalSaveContract(get))
  describe('what arrives together', () => journalTogetherContract(get))
  describe('leases and history', () => journalClaimContract(get))
  describe('credit and funds', () => journalFundsContract(get))
  describe('decisions, outcomes, outbox and records', () => journalRowsContract(get))
  describe('against the model', () => journalModelContract(get))
}
