import { readFile, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import * as z from 'zod'
import type { WorkerWorld } from './compare.ts'
import { scenarioProblems, scenarioSchema } from './scenario.ts'
import { readTraffic } from './traffic.ts'

const SCENARIO_BYTES_MAX = 1_000_000
const TRAFFIC_BYTES_MAX = 200_000_000

/** A scenario that cannot be used, and where it is wrong. */
export class ScenarioError extends Error {}

/**
 * Reads a scenario and, when it names one, its traffic.
 * @throws ScenarioError naming the file and every place that is wrong
 */
export async function loadScenario(file: string): Promise<WorkerWorld> {
  const text = await readBounded(file, SCENARIO_BYTES_MAX)
  const parsed = scenarioSchema.safeParse(parseYaml(text, file))
  if (!parsed.success) throw new ScenarioError(`${file}:\n${z.prettifyError(parsed.error)}`)
  const scenario = parsed.data
  const problems = scenarioProblems(scenario)
  if (problems.length > 0) throw new ScenarioError(`${file}:\n${problems.join('\n')}`)
  if (scenario.traffic === undefined) return { scenario }
  const { csv } = scenario.traffic
  const path = resolve(dirname(file), csv.file)
  try {
    return { scenario, traffic: readTraffic(await readBounded(path, TRAFFIC_BYTES_MAX), csv) }
  } catch (error) {
    throw new ScenarioError(`${path}: ${(error as Error).message}`)
  }
}

function parseYaml(text: string, file: string): unknown {
  try {
    return parse(text)
  } catch (error) {
    throw new ScenarioError(`${file}: ${(error as Error).message}`)
  }
}

async function readBounded(file: string, bytesMax: number): Promise<string> {
  try {
    const { size } = await stat(file)
    if (size > bytesMax) throw new ScenarioError(`${file} is larger than ${bytesMax} bytes`)
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof ScenarioError) throw error
    throw new ScenarioError(`cannot read ${file}: ${(error as Error).message}`)
  }
}
