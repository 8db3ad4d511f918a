/** One step that may be taken: its gain A and its chance B < 1 that the next step is reached. */
export interface Step {
  readonly id: string
  readonly gain: number
  readonly continuation: number
}

/** Value of trying the steps in the given order until one succeeds: V(i, rest) = A_i + B_i V(rest). */
export function sequenceValue(steps: readonly Step[]): number {
  let value = 0
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i] as Step
    value = step.gain + step.continuation * value
  }
  return value
}

/** What a step is sorted by. */
export function indexOf(step: Step): number {
  return step.gain / (1 - step.continuation)
}

/**
 * The order of steps with the greatest value.
 *
 * Proof. Let i and j be neighbours and R the value of what follows them. Trying i first is worth
 * A_i + B_i (A_j + B_j R), trying j first A_j + B_j (A_i + B_i R). The term B_i B_j R is the same in both, so i
 * first is better exactly when A_i + B_i A_j > A_j + B_j A_i, that is A_i (1 - B_j) > A_j (1 - B_i), and with
 * B < 1 when A_i / (1 - B_i) > A_j / (1 - B_j). R does not occur, so any order can be sorted into the one by
 * descending index by swaps of neighbours, none of which loses value. Ties go by `tieBreak`, then by id.
 */
export function sortByIndex(steps: readonly Step[], tieBreak: (id: string) => number): Step[] {
  const keyed = steps.map(step => ({ step, index: indexOf(step), tie: tieBreak(step.id) }))
  keyed.sort((a, b) => b.index - a.index || a.tie - b.tie || (a.step.id < b.step.id ? -1 : 1))
  return keyed.map(({ step }) => step)
}

/**
 * The best `attemptsMax` steps of an ordered list. The first ones by index are not always the best ones: a step
 * with a poor index but a great chance of going on may cost nothing, so each is taken or left by
 * W[i,k] = max(W[i+1,k], A_i + B_i W[i+1,k-1]), in O(n k).
 *
 * Leaving a step out keeps the rest in order, and an exchange argument as above shows that the best subset is
 * best tried by index, so the result is the optimum over all orders of all subsets.
 */
export function bestWithin(ordered: readonly Step[], attemptsMax: number): Step[] {
  const n = ordered.length
  if (attemptsMax <= 0) return []
  if (n <= attemptsMax && ordered.every(step => step.gain > 0)) return [...ordered]
  const width = attemptsMax + 1
  const worth = new Float64Array((n + 1) * width)
  for (let i = n - 1; i >= 0; i--) {
    const { gain, continuation } = ordered[i] as Step
    for (let k = 1; k <= attemptsMax; k++) {
      const taken = gain + continuation * (worth[(i + 1) * width + k - 1] as number)
      worth[i * width + k] = Math.max(worth[(i + 1) * width + k] as number, taken)
    }
  }
  const chosen: Step[] = []
  for (let i = 0, k = attemptsMax; i < n && k > 0; i++) {
    const here = worth[i * width + k] as number
    if (here > (worth[(i + 1) * width + k] as number)) {
      chosen.push(ordered[i] as Step)
      k--
    }
  }
  return chosen
}

export interface CascadeOptions {
  readonly attemptsMax: number
  /** Whether steps with A <= 0 are dropped while another step remains; otherwise they come last of their group. */
  readonly leaveOutLosing: boolean
  /** Whether the policy has placed a step by name: then it is not dropped. */
  readonly placed: (id: string) => boolean
  /** Position of a step's group; groups are served strictly in this order. All 0 for `best_value`. */
  readonly group: (id: string) => number
  /** Smaller first among equal indices; from the decision's seed. */
  readonly tieBreak: (id: string) => number
}

/**
 * The cascade: the order in which routes are tried. Groups (the payer's tenders, when the payer's order counts)
 * come one after the other; within each, and with `best_value` over everything, the order is the one worth the
 * most. Losing steps fill what room is left, so that a payer is never refused for the platform's margin alone.
 */
export function rankCascade(steps: readonly Step[], options: CascadeOptions): string[] {
  const groups = new Map<number, Step[]>()
  for (const step of steps) {
    const group = options.group(step.id)
    const members = groups.get(group)
    if (members === undefined) groups.set(group, [step])
    else members.push(step)
  }
  const cascade: string[] = []
  for (const group of [...groups.keys()].sort((a, b) => a - b)) {
    const room = options.attemptsMax - cascade.length
    if (room <= 0) break
    cascade.push(...rankGroup(groups.get(group) as Step[], room, options))
  }
  return cascade.length === 0 && options.attemptsMax > 0 ? leastLosing(groups, options) : cascade
}

/** Something is tried whatever it is worth: the best step of the first group. */
function leastLosing(groups: ReadonlyMap<number, readonly Step[]>, options: CascadeOptions): string[] {
  const first = groups.get(Math.min(...groups.keys())) ?? []
  return sortByIndex(first, options.tieBreak)
    .slice(0, 1)
    .map(({ id }) => id)
}

function rankGroup(steps: readonly Step[], room: number, options: CascadeOptions): string[] {
  const ordered = sortByIndex(steps, options.tieBreak)
  const chosen = bestWithin(ordered, room)
  for (const step of ordered) {
    if (chosen.length >= room) break
    const dropped = options.leaveOutLosing && !options.placed(step.id)
    if (!dropped && !chosen.includes(step)) chosen.push(step)
  }
  return chosen.map(({ id }) => id)
}
