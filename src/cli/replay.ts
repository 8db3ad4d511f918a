import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type DecisionPolicies, decisionPoliciesOf } from '../config/decision-policy.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { type Decision, type DecisionPolicy, decide } from '../core/decision.ts'
import { readConfigFile } from './config-file.ts'
import { UsageError } from './usage-error.ts'

const help = `Usage: fundroute replay DECISION... [options]

Computes recorded decisions again and compares. With the configuration that they were made under the result is the
same bit for bit; with another one (--config) it shows what would have been decided.

  DECISION         id (dec_...), fetched from a running gateway, or a file with a record as GET /v1/decisions/{id} gives it
  --config FILE    configuration to decide under (FUNDROUTE_CONFIG, else the sandbox configuration)
  --tenant ID      tenant whose policy applies; needed when the configuration has several
  --url URL        address of the gateway (http://127.0.0.1:8080)
  --key-env NAME   environment variable with an API key of scopes read, explain and creditReasons (FUNDROUTE_KEY)
  --json           print the comparison as JSON
  --help           this text

Exit status: 0 all the same, 1 some differ, 2 used wrongly.
`

interface Comparison {
  readonly decision: string
  readonly same: boolean
  readonly recordedUnder: string
  readonly replayedUnder: string
  readonly recorded: readonly string[]
  readonly replayed: readonly string[]
  /** Routes whose eligibility or value changed, and how. */
  readonly changes: readonly string[]
}

/** `fundroute replay`. */
export async function replay(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      tenant: { type: 'string' },
      url: { type: 'string', default: 'http://127.0.0.1:8080' },
      'key-env': { type: 'string', default: 'FUNDROUTE_KEY' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  if (positionals.length === 0) throw new UsageError('name at least one decision')
  const { config, version } = await configOf(values.config)
  const tenant = values.tenant ?? onlyTenant(config.tenants.map(({ id }) => id))
  const policies = decisionPoliciesOf(config, version, tenant)
  const comparisons: Comparison[] = []
  for (const name of positionals) {
    const recorded = await fetchRecord(name, values.url, process.env[values['key-env']])
    comparisons.push(compare(name, recorded, decide(policyFor(recorded, policies), recorded.inputs)))
  }
  if (values.json) process.stdout.write(`${JSON.stringify(comparisons, null, 2)}\n`)
  else for (const comparison of comparisons) process.stdout.write(describe(comparison))
  return comparisons.every(({ same }) => same) ? 0 : 1
}

async function configOf(named: string | undefined) {
  const { file, text } = await readConfigFile(named)
  const loaded = await loadConfig(text, file)
  if (!loaded.ok) throw new UsageError(loaded.problems.map(formatProblem).join('\n'))
  return loaded
}

function onlyTenant(ids: readonly string[]): string {
  const [id] = ids
  if (id === undefined || ids.length > 1)
    throw new UsageError(`name one tenant with --tenant: ${ids.join(', ')}`)
  return id
}

async function fetchRecord(name: string, url: string, key: string | undefined): Promise<Decision> {
  const text = name.startsWith('dec_') ? await download(name, url, key) : await readFile(name, 'utf8')
  const record = JSON.parse(text) as Decision
  if (record.inputs === undefined) {
    throw new UsageError(
      `${name} is not a complete record: the key needs the scopes explain and creditReasons`,
    )
  }
  return record
}

async function download(id: string, url: string, key: string | undefined): Promise<string> {
  if (key === undefined)
    throw new UsageError('set FUNDROUTE_KEY to an API key, or name its variable with --key-env')
  const response = await fetch(`${url}/v1/decisions/${id}`, {
    headers: { authorization: `Bearer ${key}` },
    redirect: 'error',
    signal: AbortSignal.timeout(10_000),
  })
  if (!response.ok) throw new UsageError(`${url} answers ${response.status} for ${id}`)
  return response.text()
}

/** The arm of the experiment that it was made in, where the configuration has it; else the running policy. */
function policyFor({ policyVersion }: Decision, { policy, experiments }: DecisionPolicies): DecisionPolicy {
  const [, id] = policyVersion.split('/')
  return experiments.find(experiment => experiment.id === id)?.policy ?? policy
}

function compare(name: string, recorded: Decision, replayed: Decision): Comparison {
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
      told.push(`index ${before.value.index.toFixed(1)} -> ${candidate.value.index.toFixed(1)}`)
    }
    return told.length === 0 ? [] : [`${candidate.route}: ${told.join(', ')}`]
  })
  const { policyVersion: _before, ...recordedRest } = pick(recorded)
  const { policyVersion: _after, ...replayedRest } = pick(replayed)
  return {
    decision: name,
    same: JSON.stringify(recordedRest) === JSON.stringify(replayedRest),
    recordedUnder: recorded.policyVersion,
    replayedUnder: replayed.policyVersion,
    recorded: recorded.cascade,
    replayed: replayed.cascade,
    changes,
  }
}

/** What a decision decides; its inputs are the same by construction. */
function pick({ policyVersion, candidates, cascade, propensity, exploration }: Decision) {
  return { policyVersion, candidates, cascade, propensity, exploration }
}

function describe({
  decision,
  same,
  recordedUnder,
  replayedUnder,
  recorded,
  replayed,
  changes,
}: Comparison): string {
  const under =
    recordedUnder === replayedUnder
      ? `under ${recordedUnder}`
      : `under ${replayedUnder} instead of ${recordedUnder}`
  const lines = [
    `${decision} ${same ? 'is the same' : 'DIFFERS'} ${under}`,
    `  recorded  ${recorded.join(' > ') || 'no route'}`,
    `  replayed  ${replayed.join(' > ') || 'no route'}`,
    ...changes.map(change => `  ${change}`),
  ]
  return `${lines.join('\n')}\n`
}
