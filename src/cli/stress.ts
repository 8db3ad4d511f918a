import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import * as z from 'zod'
import { tryAlarm } from '../simulation/liquidity/alarm.ts'
import { htmlReport } from '../simulation/liquidity/report-html.ts'
import { textReport } from '../simulation/liquidity/report-text.ts'
import type { StressReport } from '../simulation/liquidity/report.ts'
import { runStress } from '../simulation/liquidity/run.ts'
import { parseScenario, type Scenario } from '../simulation/liquidity/scenario.ts'
import { UsageError } from './usage-error.ts'

const BUNDLED = fileURLToPath(new URL('../../scenarios/liquidity/', import.meta.url))
const FILE_BYTES_MAX = 1 << 20

const HELP = `Usage: fundroute stress [options]

Runs liquidity stress scenarios under virtual time through the gateway's own pool, gate, scoring and cascade code,
and tells when each level is reached, which orders move to another tender, and what is lost.

  --scenario FILE   a scenario in YAML; may be given several times
  --all             the bundled scenarios s1 to s6 (default without --scenario)
  --alarm           also try the early warning on 1,000 simulated days
  --seed N          seed of the shoppers (1); the same seed gives the same report
  --lang LANG       en (default) or zh-CN
  --json            print the reports as JSON
  --html FILE       also write a self-contained page with charts
  --help            this text

Progress goes to standard error. Exit status: 0 done, 1 a scenario is not in order, 2 misuse.`

/** Runs stress scenarios and prints, or writes, their reports. */
export async function stress(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: 'boolean', short: 'h' },
      scenario: { type: 'string', multiple: true },
      all: { type: 'boolean' },
      alarm: { type: 'boolean' },
      seed: { type: 'string', default: '1' },
      lang: { type: 'string', default: 'en' },
      json: { type: 'boolean' },
      html: { type: 'string' },
    },
  })
  if (values.help === true) {
    console.log(HELP)
    return 0
  }
  const { lang } = values
  if (lang !== 'en' && lang !== 'zh-CN') throw new UsageError('--lang is en or zh-CN')
  const seed = seedOf(values.seed)
  const files = [...(values.scenario ?? [])]
  if (values.all === true || files.length === 0) files.push(...(await bundledFiles()))
  const scenarios = await readScenarios(files)
  if (!scenarios) return 1

  const reports: StressReport[] = []
  for (const scenario of scenarios)
    reports.push(await runStress(scenario, { seed, onProgress: progressOf(scenario) }))
  const alarm = values.alarm === true ? tryAlarm() : undefined
  if (values.html !== undefined) await writeFile(values.html, htmlReport(reports, lang, alarm))
  const json = { seed, reports, ...(alarm ? { alarm } : {}) }
  console.log(values.json === true ? JSON.stringify(json, undefined, 2) : textReport(reports, lang, alarm))
  return 0
}

function seedOf(text: string): number {
  const seed = Number(text)
  if (!/^\d{1,9}$/.test(text)) throw new UsageError('--seed is a whole number of at most nine digits')
  return seed
}

async function bundledFiles(): Promise<string[]> {
  const names = await readdir(BUNDLED)
  return names
    .filter(name => name.endsWith('.yaml'))
    .sort()
    .map(name => join(BUNDLED, name))
}

/** All scenarios, or undefined after telling what is wrong with them. */
async function readScenarios(files: readonly string[]): Promise<Scenario[] | undefined> {
  const scenarios: Scenario[] = []
  let wrong = false
  for (const file of files) {
    const text = await readText(file)
    try {
      scenarios.push(parseScenario(text))
    } catch (cause) {
      wrong = true
      const told = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause)
      console.error(`${file}:\n${told}`)
    }
  }
  return wrong ? undefined : scenarios
}

async function readText(file: string): Promise<string> {
  try {
    const text = await readFile(file, 'utf8')
    if (text.length <= FILE_BYTES_MAX) return text
  } catch (cause) {
    throw new UsageError(`cannot read ${file}`, { cause })
  }
  throw new UsageError(`${file} is too large`)
}

/** One line that grows on a terminal; elsewhere one line per scenario. */
function progressOf(scenario: Scenario): (done: number, total: number) => void {
  const { stderr } = process
  return (done, total) => {
    const line = `${scenario.id}: day ${Math.round(done / 24)} of ${Math.round(total / 24)}`
    if (stderr.isTTY) stderr.write(`\r${line.padEnd(40)}${done >= total ? '\n' : ''}`)
    else if (done >= total) stderr.write(`${line}\n`)
  }
}
