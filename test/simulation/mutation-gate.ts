/**
 * Takes one rule after the other out of the gateway's code and looks whether the simulator notices. A mutant that
 * breaks no promise in its worlds has survived, and fails the gate.
 *
 *     npm run test:mutants              all of them
 *     npm run test:mutants -- fence     those whose name contains the words
 */
import { runSeeds, type SeedTask } from '../../src/simulation/faults/seeds.ts'
import { MUTANTS, type Hunt, type Mutant } from './mutants.ts'

const THREAD = new URL('./mutant-thread.ts', import.meta.url)
const ORDERS = 100

/** Invariants that each seed broke. */
type Broken = ReadonlyMap<number, ReadonlySet<string>>

async function hunt(
  mutant: Pick<Mutant, 'edits'>,
  { type, seeds, orders = ORDERS, ...directed }: Hunt,
): Promise<Broken> {
  const broken = new Map<number, Set<string>>()
  const tasks = Array.from({ length: seeds }, (_, i): SeedTask => {
    return { options: { seed: i + 1, type, orders, ...directed }, twice: false }
  })
  await runSeeds(tasks, {
    thread: THREAD,
    workerData: { edits: mutant.edits },
    onOutcome: ({ options, result: { violations } }) => {
      broken.set(options.seed, new Set(violations.map(({ invariant }) => invariant)))
    },
  })
  return broken
}

const controls = new Map<string, Broken>()

/** The same worlds with the code as it is: what breaks there is nothing that the mutant did. */
async function control(worlds: Hunt): Promise<Broken> {
  const key = JSON.stringify(worlds)
  const known = controls.get(key) ?? (await hunt({ edits: [] }, worlds))
  controls.set(key, known)
  return known
}

async function judge(mutant: Mutant): Promise<boolean> {
  const healthy = await control(mutant.hunt)
  const broken = await hunt(mutant, mutant.hunt)
  const by = new Map<string, number>()
  let seeds = 0
  for (const [seed, invariants] of broken) {
    const news = [...invariants].filter(invariant => healthy.get(seed)?.has(invariant) !== true)
    if (news.length > 0) seeds++
    for (const invariant of news) by.set(invariant, (by.get(invariant) ?? 0) + 1)
  }
  const share = ((100 * seeds) / broken.size).toFixed(1)
  const worlds = `${seeds}/${broken.size} ${mutant.hunt.type}${mutant.hunt.faults === undefined ? '' : ', directed'}`
  const how = [...by].sort((a, b) => b[1] - a[1]).map(([invariant, count]) => `${invariant} ${count}`)
  console.log(
    `${mutant.name.padEnd(54)}${share.padStart(6)} %  ${worlds.padEnd(32)}${seeds === 0 ? 'SURVIVED' : how.join(', ')}`,
  )
  return seeds > 0
}

const words = process.argv.slice(2).join(' ')
const chosen = MUTANTS.filter(({ name }) => name.includes(words))
let survivors = 0
console.log(`${'the gateway ...'.padEnd(54)}  seeds that break a promise, and which`)
for (const mutant of chosen) if (!(await judge(mutant))) survivors++
console.log(`\n${chosen.length - survivors} of ${chosen.length} mutants killed`)
process.exitCode = survivors === 0 && chosen.length > 0 ? 0 : 1
