import type { LearningExchange } from '../ports/learning-exchange.ts'
import type { Journal } from '../ports/journal.ts'
import type { Estimates, EstimatesSnapshot } from './estimates.ts'
import { parseLessons } from './lesson.ts'

/** Lessons handed out at a time: some 350 kB. The rest waits for the next round. */
const LESSONS_PER_ROUND = 1_000

/**
 * One round of sharing: gives this instance's new lessons out and learns from those of the others, in one round
 * trip. Instances share lessons, not sums: each then learns the same from the same code, detection included, and
 * receiving a lesson twice changes nothing. `alone` when nobody answered; the lessons wait then.
 */
export async function shareLessons(
  estimates: Estimates,
  exchange: LearningExchange,
): Promise<'shared' | 'alone'> {
  const lessons = estimates.waiting(LESSONS_PER_ROUND)
  const received = await exchange.exchange(lessons.length === 0 ? [] : [JSON.stringify(lessons)])
  if (received === undefined) return 'alone'
  estimates.handedOut(lessons)
  for (const entry of received) estimates.takeIn(parseLessons(entry))
  return 'shared'
}

const COLLECTION = 'learning'
const KEY = 'estimates'

/**
 * Keeps what has been learned, so that a restart starts from it. Instances that share a journal share the record
 * too; whoever is second in a race keeps theirs until the next time. Rejects with `JournalUnavailable`.
 */
export async function saveEstimates(journal: Journal, estimates: Estimates, now: number): Promise<boolean> {
  const known = await journal.getRecord(COLLECTION, KEY)
  const body = JSON.stringify(estimates.snapshot())
  return journal.putRecord({ collection: COLLECTION, key: KEY, at: now, body }, known?.version ?? 0)
}

/** Starts from what was kept: `none` when there is nothing, `unusable` when another build has written it. */
export async function restoreEstimates(
  journal: Journal,
  estimates: Estimates,
): Promise<'restored' | 'none' | 'unusable'> {
  const known = await journal.getRecord(COLLECTION, KEY)
  if (known === undefined) return 'none'
  try {
    estimates.restore(JSON.parse(known.body) as EstimatesSnapshot)
    return 'restored'
  } catch {
    return 'unusable'
  }
}
