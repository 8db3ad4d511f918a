import type { Decision } from '../core/decision.ts'
import { readDecision } from '../core/decision-record.ts'
import type { RecordedAttempt, RecordedDecision } from '../core/evaluation/recorded.ts'
import type { DecisionRow, Journal } from '../ports/journal.ts'
import type { OutcomeReport } from './outcome.ts'

export interface RecordedPage {
  /** Newest first. */
  readonly decisions: readonly (RecordedDecision & { readonly at: number })[]
  /** Ask for what is before this, Unix ms; undefined when there is no more. Rows of one instant may come twice. */
  readonly next?: number
}

const OUTCOMES_READ_MAX = 100
const PAYMENTS_READ_MAX = 20

/**
 * Decisions of a tenant in [fromAt, toAt) with what was tried after each: reported by the checkout, or made by the
 * gateway itself. Rejects with `JournalUnavailable`.
 */
export async function recordedDecisions(
  journal: Journal,
  tenant: string,
  fromAt: number,
  toAt: number,
  limit: number,
): Promise<RecordedPage> {
  const rows = await journal.listDecisions(tenant, fromAt, toAt, limit)
  const decisions = []
  for (const row of rows) {
    const decision = readDecision(row.body)
    const attempts = decision.inputs.paying
      ? await ownAttempts(journal, row, decision)
      : await reportedAttempts(journal, row)
    decisions.push({ id: row.id, at: row.at, decision, attempts })
  }
  const last = rows.at(-1)
  // One more than the oldest, because others of the same instant may follow; unless that would ask the same again.
  const next = last === undefined || rows.length < limit ? undefined : Math.min(last.at + 1, toAt - 1)
  return { decisions, ...(next === undefined || next <= fromAt ? {} : { next }) }
}

/** A final report wins over one that was pending, whichever came first. */
async function reportedAttempts(journal: Journal, { tenant, id }: DecisionRow): Promise<RecordedAttempt[]> {
  const outcomes = await journal.listOutcomes(tenant, id, OUTCOMES_READ_MAX)
  const reports = outcomes
    .map(({ attempt, body }) => ({
      ...(JSON.parse(body) as OutcomeReport),
      isFinal: attempt.endsWith('/final'),
    }))
    .sort((a, b) => Number(b.isFinal) - Number(a.isFinal))
  return reports.map(({ route, status }) => ({ route, status }))
}

/** The attempt that was opened on the decision's first route, at its time or soon after. */
async function ownAttempts(
  journal: Journal,
  { tenant, orderId, at }: DecisionRow,
  { cascade }: Decision,
): Promise<RecordedAttempt[]> {
  const stored = await journal.findByOrder(tenant, orderId, PAYMENTS_READ_MAX)
  const opened = stored
    .flatMap(({ payment }) => payment.attempts)
    .filter(({ route, openedAt }) => route === cascade[0] && openedAt >= at)
    .toSorted((a, b) => a.openedAt - b.openedAt)
  return opened.slice(0, 1).map(({ route, status }) => ({ route, status }))
}
