import { parseArgs } from 'node:util'
import { FAULT_NAMES, type Fault } from '../simulation/faults/fault-plan.ts'
import { runSeeds, type SeedTask } from '../simulation/faults/seeds.ts'
import { shrink, type Shrunk } from '../simulation/faults/shrink.ts'
import { type Failure, Tallies, tallyTable } from '../simulation/faults/tally.ts'
import { timelineOf } from '../simulation/faults/timeline.ts'
import { World } from '../simulation/faults/world.ts'
import { WORLD_TYPES, type WorldOptions } from '../simulation/faults/world-options.ts'
import { UsageError } from './usage-error.ts'

/** One of so many seeds runs twice, to prove that a seed replays. */
const REPLAY_EVERY = 50

const HELP = `Usage: fundroute simulate faults [options]

Looks for a double charge, a lost outcome or a broken promise: runs the gateway's own code under virtual time, with
three instances, upstreams, a journal and clients, while everything fails that can. Each seed is a world of its own,
and replays exactly. docs/simulation.md names the invariants and the faults.

  --seeds N          worlds per upstream type (100, or 1 with --seed)
  --seed S           the first seed (1)
  --type T           upstream type, or all (all): ${WORLD_TYPES.join(', ')}
  --orders N         orders in each world, 1 to 1000 (100)
  --threads N        worlds at once, 1 to 64 (one per processor)
  --verify-replay    run every seed twice and compare (without it: one of ${REPLAY_EVERY})
  --json             print the results as JSON

Looking at one seed:
  --timeline         tell what happened to the order that failed, or to all
  --only N,N,...     place only these orders
  --without F,F,...  leave out these classes of faults
  --heal-at MS       faults strike before this time only

Progress goes to standard error. Exit status: 0 in order, 1 an invariant was broken, 2 misuse.`

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  seeds: { type: 'string' },
  seed: { type: 'string' },
  type: { type: 'string', default: 'all' },
  orders: { type: 'string', default: '100' },
  threads: { type: 'string' },
  'verify-replay': { type: 'boolean' },
  json: { type: 'boolean' },
  timeline: { type: 'boolean' },
  only: { type: 'string' },
  without: { type: 'string' },
  'heal-at': { type: 'string' },
} as const

/** Failing seeds that are made smaller and told in full; the others are only named. */
const TOLD_MAX = 3

/** Runs worlds full of faults and tells which broke a promise. */
export async function simulateFaults(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS })
  if (values.help === true) {
    console.log(HELP)
    return 0
  }
  const seeds = whole('--seeds', values.seeds ?? (values.seed === undefined ? '100' : '1'), 1, 1_000_000)
  const seed = whole('--seed', values.seed ?? '1', 0, 4_000_000_000)
  const threads = values.threads === undefined ? undefined : whole('--threads', values.threads, 1, 64)
  const types = typesNamed(values.type)
  const world = worldOptions(values)
  if (values.timeline === true) {
    if (types.length * seeds !== 1) throw new UsageError('--timeline tells of one --seed of one --type')
    return tellTimeline({ ...world, seed, type: types[0] as string })
  }
  const tallies = new Tallies()
  const total = types.length * seeds
  const cpu = process.cpuUsage()
  let done = 0
  await runSeeds(tasksOf(types, seed, seeds, world, values['verify-replay'] === true), {
    ...(threads === undefined ? {} : { threads }),
    onOutcome: outcome => {
      tallies.add(outcome)
      showProgress(++done, total, tallies.failures.length)
    },
  })
  const { user, system } = process.cpuUsage(cpu)
  const failures = await smallest(tallies.failures)
  const { types: summed } = tallies
  if (values.json === true) console.log(JSON.stringify({ types: summed, failures }, undefined, 2))
  else {
    console.log(tallyTable(summed))
    const payments = summed.reduce((sum, tally) => sum + tally.payments, 0)
    const seconds = (user + system) / 1_000_000
    console.log(
      `\n${payments} payments in ${seconds.toFixed(1)} s of processor time, garbage collection and all: ` +
        `${Math.round(payments / seconds)} a second`,
    )
    for (const failure of failures) await tell(failure)
  }
  return tallies.failures.length === 0 ? 0 : 1
}

function* tasksOf(
  types: readonly string[],
  first: number,
  count: number,
  world: Omit<WorldOptions, 'seed' | 'type'>,
  always: boolean,
): Generator<SeedTask> {
  for (const type of types) {
    for (let seed = first; seed < first + count; seed++) {
      const twice = always || (seed - first) % REPLAY_EVERY === 0
      yield { options: { ...world, seed, type }, twice }
    }
  }
}

interface Told extends Failure {
  readonly shrunk?: Pick<Shrunk, 'options' | 'runs'>
  /** The command that shows the failure again. */
  readonly replay: string
}

async function smallest(failures: readonly Failure[]): Promise<Told[]> {
  const told: Told[] = []
  for (const failure of failures) {
    const { options } = failure
    const shrinkable = told.length < TOLD_MAX && failure.violations[0]?.invariant !== 'replay'
    if (!shrinkable) {
      told.push({ ...failure, replay: commandOf(options) })
      continue
    }
    const run = (smaller: WorldOptions) => new World(smaller).run()
    const { options: less, runs } = await shrink(options, await run(options), run)
    told.push({ ...failure, shrunk: { options: less, runs }, replay: commandOf(less) })
  }
  return told
}

async function tell({ options, violations, shrunk, replay }: Told): Promise<void> {
  console.log(`\nseed ${options.seed} of ${options.type} broke a promise`)
  for (const { invariant, text, at } of violations.slice(0, 5)) {
    console.log(`  ${invariant} at ${(at / 1_000).toFixed(3)} s: ${text}`)
  }
  if (shrunk !== undefined) {
    const { result, lines } = await timelineOf(shrunk.options, await orderOf(shrunk.options))
    console.log(
      `\n  made smaller in ${shrunk.runs} runs; faults left: ${result.faults.join(', ') || 'none'}\n`,
    )
    for (const line of lines.slice(0, LINES_MAX)) console.log(line)
    if (lines.length > LINES_MAX) console.log(`  ... and ${lines.length - LINES_MAX} lines more`)
  }
  console.log(`\n  ${replay}`)
}

/** Lines of a timeline that are shown unasked. */
const LINES_MAX = 150

async function orderOf(options: WorldOptions): Promise<number | undefined> {
  if (options.only?.length === 1) return options.only[0]
  const { violations } = await new World(options).run()
  return violations.find(({ order }) => order !== undefined)?.order
}

async function tellTimeline(options: WorldOptions): Promise<number> {
  const { result, lines } = await timelineOf(options, await orderOf(options))
  for (const line of lines) console.log(line)
  for (const { invariant, text, at } of result.violations) {
    console.log(`\n${invariant} at ${(at / 1_000).toFixed(3)} s: ${text}`)
  }
  console.log(`\nfaults: ${result.faults.join(', ') || 'none'}`)
  console.log(`hash ${result.hash.toString(16).padStart(8, '0')} after ${result.events} events`)
  return result.violations.length === 0 ? 0 : 1
}

function commandOf({ seed, type, orders, only, without, healAtMs }: WorldOptions): string {
  const parts = [`fundroute simulate faults --seed ${seed} --type ${type} --orders ${orders}`]
  if (only !== undefined) parts.push(`--only ${only.join(',')}`)
  if (without !== undefined && without.length > 0) parts.push(`--without ${without.join(',')}`)
  if (healAtMs !== undefined) parts.push(`--heal-at ${healAtMs}`)
  return `${parts.join(' ')} --timeline`
}

function typesNamed(name: string): readonly string[] {
  if (name === 'all') return WORLD_TYPES
  if (!WORLD_TYPES.includes(name)) {
    throw new UsageError(`there is no upstream type "${name}"; there are ${WORLD_TYPES.join(', ')}`)
  }
  return [name]
}

interface WorldValues {
  readonly orders: string
  readonly only?: string | undefined
  readonly without?: string | undefined
  readonly 'heal-at'?: string | undefined
}

function worldOptions(values: WorldValues): Omit<WorldOptions, 'seed' | 'type'> {
  const orders = whole('--orders', values.orders, 1, 1_000)
  const only = values.only?.split(',').map(text => whole('--only', text, 0, orders - 1))
  const without = values.without?.split(',').map(faultNamed)
  const healAt = values['heal-at']
  return {
    orders,
    ...(only === undefined ? {} : { only }),
    ...(without === undefined ? {} : { without }),
    ...(healAt === undefined ? {} : { healAtMs: whole('--heal-at', healAt, 0, 100_000_000) }),
  }
}

function faultNamed(text: string): Fault {
  const fault = FAULT_NAMES.find(name => name === text)
  if (fault === undefined)
    throw new UsageError(`there is no fault "${text}"; there are ${FAULT_NAMES.join(', ')}`)
  return fault
}

function whole(option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (text === '' || !Number.isInteger(value) || value < min || value > max)
    throw new UsageError(`${option} must be a whole number from ${min} to ${max}`)
  return value
}

const BAR_WIDTH = 30

/** On a terminal only, and on stderr, so that piped output stays clean. */
function showProgress(done: number, total: number, failed: number): void {
  if (!process.stderr.isTTY) return
  const filled = Math.round((done / total) * BAR_WIDTH)
  const bar = '#'.repeat(filled).padEnd(BAR_WIDTH, '.')
  process.stderr.write(`\r[${bar}] ${done}/${total}, ${failed} failed${done === total ? '\n' : ''}`)
}
