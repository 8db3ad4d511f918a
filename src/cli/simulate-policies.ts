import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { CATALOGUE } from '../simulation/policies/catalogue.ts'
import { comparePolicies } from '../simulation/policies/compare.ts'
import { loadScenario, ScenarioError } from '../simulation/policies/load.ts'
import { asHtml } from '../simulation/policies/report.ts'
import { geometricMeans, summarize } from '../simulation/policies/summary.ts'
import { asText } from '../simulation/policies/table.ts'
import { showProgress } from './progress.ts'
import { UsageError } from './usage-error.ts'

const HELP = `Usage: fundroute simulate policies SCENARIO... [options]

Lets routing policies run through described worlds and tells what each loses against an oracle. Scenarios are YAML
files; those that come along are in scenarios/policies.

  --policy NAME      a policy to compare, may be repeated; all by default
  --list             list the policies
  --seeds N          runs per policy and scenario, 1 to 1000 (10)
  --first-seed N     the first seed (1)
  --workers N        threads, 1 to 64 (one per processor)
  --html FILE        also write a report with charts
  --json             print the results as JSON`

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  list: { type: 'boolean' },
  policy: { type: 'string', multiple: true },
  seeds: { type: 'string', default: '10' },
  'first-seed': { type: 'string', default: '1' },
  workers: { type: 'string' },
  html: { type: 'string' },
  json: { type: 'boolean' },
} as const

/** Compares routing policies in simulated worlds. */
export async function simulatePolicies(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS })
  if (values.help === true) {
    console.log(HELP)
    return 0
  }
  if (values.list === true) {
    for (const { name, title } of CATALOGUE) console.log(`${name.padEnd(22)}${title}`)
    return 0
  }
  if (positionals.length === 0) throw new UsageError('name at least one scenario')
  const policies = policiesNamed(values.policy)
  const count = wholeNumber('--seeds', values.seeds, 1, 1_000)
  const first = wholeNumber('--first-seed', values['first-seed'], 0, 4_000_000_000)
  const workers = values.workers === undefined ? undefined : wholeNumber('--workers', values.workers, 1, 64)

  const worlds = []
  try {
    for (const file of positionals) worlds.push(await loadScenario(file))
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error
    console.error(error.message)
    return 1
  }
  const seeds = Array.from({ length: count }, (_, i) => first + i)
  const results = await comparePolicies(worlds, policies, seeds, {
    ...(workers === undefined ? {} : { workers }),
    onProgress: showProgress,
  })
  const scenarios = summarize(worlds, policies, results)
  const means = geometricMeans(scenarios, policies)
  if (values.html !== undefined) await writeFile(values.html, asHtml(scenarios, means))
  console.log(
    values.json === true
      ? JSON.stringify({ scenarios, geometricMeans: means }, undefined, 2)
      : asText(scenarios, means),
  )
  return 0
}

function policiesNamed(names: readonly string[] | undefined): string[] {
  if (names === undefined) return CATALOGUE.map(({ name }) => name)
  for (const name of names)
    if (!CATALOGUE.some(entry => entry.name === name))
      throw new UsageError(`there is no policy "${name}"; --list shows them`)
  return [...new Set(names)]
}

function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (text === '' || !Number.isInteger(value) || value < min || value > max)
    throw new UsageError(`${option} must be a whole number from ${min} to ${max}`)
  return value
}
