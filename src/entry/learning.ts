import type { Estimates } from '../gateway/estimates.ts'
import { restoreEstimates, saveEstimates, shareLessons } from '../gateway/sharing.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import type { LearningExchange } from '../ports/learning-exchange.ts'
import type { Telemetry } from '../ports/telemetry.ts'
import type { Background } from './background.ts'

/** Instances hand each other lessons this often; together with a snapshot, this is what a crash may cost. */
const SHARE_MS = 1_000
const SNAPSHOT_MS = 30_000
const METRIC_MS = 5_000

export interface LearningParts {
  readonly estimates: Estimates
  readonly journal: Journal
  /** Absent for an instance that is alone. */
  readonly exchange?: LearningExchange
  readonly clock: Clock
  readonly telemetry: Telemetry
  readonly routes: () => Iterable<string>
}

/** Starts from the last snapshot, then shares, keeps and shows what is learned until the background stops. */
export async function runLearning(parts: LearningParts, background: Background): Promise<void> {
  const { estimates, journal, exchange, clock, telemetry, routes } = parts
  if ((await restoreEstimates(journal, estimates)) === 'unusable')
    telemetry.record({ kind: 'fault', area: 'learning', cause: 'snapshot_unusable' })
  if (exchange !== undefined) {
    background.loop('learning', SHARE_MS, async () => {
      await shareLessons(estimates, exchange)
      return 'idle'
    })
  }
  // The first snapshot comes a rest after the start, when there is something new to keep.
  let snapshotAt = clock.monotonic() + SNAPSHOT_MS
  background.loop('learning', METRIC_MS, async () => {
    for (const route of routes())
      telemetry.record({ kind: 'route_approval', route, ratio: estimates.approvalOf(route, clock.now()) })
    if (clock.monotonic() < snapshotAt) return 'idle'
    snapshotAt = clock.monotonic() + SNAPSHOT_MS
    await saveEstimates(journal, estimates, clock.now())
    return 'idle'
  })
}

/** At the end of a drain: the last lessons go out and everything that was learned is kept. */
export async function keepLearning({ estimates, journal, exchange, clock }: LearningParts): Promise<void> {
  if (exchange !== undefined) await shareLessons(estimates, exchange)
  await saveEstimates(journal, estimates, clock.now())
}
