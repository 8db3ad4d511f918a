import { World } from './world.ts'
import type { WorldOptions, WorldResult } from './world-options.ts'

/** Steps that are kept of one world. */
const STEPS_MAX = 2_000_000

interface Step {
  readonly at: number
  readonly who: string
  readonly what: string
}

export interface Timeline {
  readonly result: WorldResult
  readonly lines: readonly string[]
}

/**
 * Runs a world once more and tells what happened: of one order, with whatever befell the machines while it was under
 * way, or of everything.
 */
export async function timelineOf(options: WorldOptions, order?: number): Promise<Timeline> {
  const steps: Step[] = []
  const world = new World(options, (at, who, what) => {
    if (steps.length < STEPS_MAX) steps.push({ at, who, what })
  })
  const result = await world.run()
  const shown = order === undefined ? steps : stepsOf(steps, order, world.idsOf(order))
  return { result, lines: shown.map(lineOf) }
}

function stepsOf(steps: readonly Step[], order: number, ids: ReadonlySet<string>): Step[] {
  const own = (step: Step): boolean =>
    step.who === `client ${order}` || [...ids].some(id => step.what.includes(id))
  const from = steps.findIndex(own)
  const to = steps.findLastIndex(own)
  return steps.filter((step, i) => own(step) || (i > from && i < to && isMachine(step)))
}

/** What concerns every order: who starts, dies and stands still, and which links are cut. */
function isMachine({ who, what }: Step): boolean {
  if (who === 'world') return true
  return /^(starts|dies|freezes|stands still|is black|is shut|lost power|is away)/.test(what)
}

/** Time in seconds, who, and what. */
function lineOf({ at, who, what }: Step): string {
  return `${(at / 1_000).toFixed(3).padStart(12)}  ${who.padEnd(14)}${what}`
}
