import { isDeepStrictEqual } from 'node:util'
import type { Decision } from '../core/decision.ts'

export interface Comparison {
  readonly decision: string
  readonly same: boolean
  readonly recordedUnder: string
  readonly replayedUnder: string
  readonly recorded: readonly string[]
  readonly replayed: readonly string[]
  /** Routes whose eligibility or value changed, and how. */
  readonly changes: readonly string[]
  /** Differences between the policies without which the order would be another. */
  readonly causes: readonly string[]
}

/** Terms of a route's value that a policy decides on. */
const TERMS = ['margin', 'cost', 'perAttempt', 'expectedLoss', 'unknownCost', 'preference'] as const

export function compareDecisions(
  name: string,
  recorded: Decision,
  replayed: Decision,
  causes: readonly string[],
): Comparison {
  const changes = replayed.candidates.flatMap(candidate => {
    const before = recorded.candidates.find(({ route }) => route === candidate.route)
    if (before === undefined) return [`${candidate.route}: new`]
    const told: string[] = []
    if (before.eligible !== candidate.eligible) {
      told.push(
        candidate.eligible ? 'becomes eligible' : `becomes ineligible (${candidate.reasons.join(', ')})`,
      )
    }
    if (before.value.index !== candidate.value.index) {
      const terms = TERMS.filter(term => before.value[term] !== candidate.value[term])
      const named = terms.map(
        term => `${term} ${amount(before.value[term])} -> ${amount(candidate.value[term])}`,
      )
      const why = named.length === 0 ? '' : ` (${named.join(', ')})`
      told.push(`index ${before.value.index.toFixed(1)} -> ${candidate.value.index.toFixed(1)}${why}`)
    }
    return told.length === 0 ? [] : [`${candidate.route}: ${told.join(', ')}`]
  })
  if (recorded.propensity !== replayed.propensity) {
    changes.push(`head chosen with probability ${recorded.propensity} -> ${replayed.propensity}`)
  }
  return {
    decision: name,
    // As JSON, like the record; in which order its members stand has no meaning.
    same: isDeepStrictEqual(asRecorded(recorded), asRecorded(replayed)),
    recordedUnder: recorded.policyVersion,
    replayedUnder: replayed.policyVersion,
    recorded: recorded.cascade,
    replayed: replayed.cascade,
    changes,
    causes,
  }
}

const amount = (value: number): string => value.toFixed(1)

/** What a decision decides, as the record keeps it; its inputs are the same by construction. */
function asRecorded({ candidates, cascade, propensity, exploration }: Decision) {
  return JSON.parse(JSON.stringify({ candidates, cascade, propensity, exploration })) as object
}

/** Decisions shown one by one; of more, the ones whose order changes come first. */
const SHOWN_MAX = 20

export function asText(comparisons: readonly Comparison[]): string {
  const moved = comparisons.filter(isMoved)
  const ordered = [...moved, ...comparisons.filter(comparison => !isMoved(comparison))]
  const shown = comparisons.length <= SHOWN_MAX ? comparisons : ordered.slice(0, SHOWN_MAX)
  const summary = comparisons.length < 2 ? [] : ['', ...summaryOf(comparisons, moved)]
  return `${[...shown.flatMap(describe), ...summary].join('\n')}\n`
}

function isMoved({ recorded, replayed }: Comparison): boolean {
  return recorded.join() !== replayed.join()
}

function summaryOf(comparisons: readonly Comparison[], moved: readonly Comparison[]): string[] {
  const differing = comparisons.filter(({ same }) => !same).length
  const firsts = counted(
    moved
      .filter(({ recorded, replayed }) => recorded[0] !== replayed[0])
      .map(({ recorded, replayed }) => `${recorded[0] ?? 'no route'} -> ${replayed[0] ?? 'no route'}`),
  )
  const causes = counted(moved.flatMap(comparison => comparison.causes))
  return [
    `${comparisons.length} decisions: ${differing} differ, ${moved.length} in the order of routes`,
    ...(firsts.length === 0 ? [] : ['first route:', ...firsts]),
    ...(causes.length === 0 ? [] : ['because of:', ...causes]),
  ]
}

/** Most frequent first. */
function counted(names: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].toSorted((a, b) => b[1] - a[1]).map(([name, count]) => `  ${count}  ${name}`)
}

function describe(comparison: Comparison): string[] {
  const { decision, same, recordedUnder, replayedUnder, recorded, replayed, changes, causes } = comparison
  const under =
    recordedUnder === replayedUnder
      ? `under ${recordedUnder}`
      : `under ${replayedUnder} instead of ${recordedUnder}`
  return [
    `${decision} ${same ? 'is the same' : 'DIFFERS'} ${under}`,
    `  recorded  ${recorded.join(' > ') || 'no route'}`,
    `  replayed  ${replayed.join(' > ') || 'no route'}`,
    ...(causes.length === 0 ? [] : [`  because of ${causes.join(', ')}`]),
    ...changes.map(change => `  ${change}`),
  ]
}
