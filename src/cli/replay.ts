import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { type DecisionPolicies, decisionPoliciesOf } from '../config/decision-policy.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { type Decision, type DecisionPolicy, decide } from '../core/decision.ts'
import { causesOf } from '../core/evaluation/causes.ts'
import { knowsRoutes } from '../core/evaluation/recorded.ts'
import { readConfigFile } from './config-file.ts'
import { PolicyRefused, readPolicyFile, tenantOf } from './policy-file.ts'
import { showProgress } from './progress.ts'
import { readDecisions, RECORDED_HELP, RECORDED_OPTIONS } from './recorded-decisions.ts'
import { asText, type Comparison, compareDecisions } from './replay-report.ts'
import { UsageError } from './usage-error.ts'

const help = `Usage: fundroute replay [DECISION...] [options]

Computes recorded decisions again and compares. With the configuration that they were made under the result is the
same bit for bit; with another policy it shows which would have been decided otherwise, and why.

  DECISION         id (dec_...), fetched from a running gateway, or a file with a record as GET /v1/decisions/{id} gives it
  --policy FILE    policy to decide under: the section policy of a configuration, or a whole one
  --config FILE    configuration to decide under (FUNDROUTE_CONFIG, else the sandbox configuration)
  --tenant ID      tenant whose policy applies; needed when the configuration has several
  --url URL        address of the gateway (http://127.0.0.1:8080)
  --key-env NAME   environment variable with an API key of scopes read, explain and creditReasons (FUNDROUTE_KEY)

Without DECISION, all of a time:
${RECORDED_HELP}

  --json           print the comparison as JSON
  --help           this text

Exit status: 0 all the same, 1 some differ, 2 used wrongly.
`

const OPTIONS = {
  ...RECORDED_OPTIONS,
  policy: { type: 'string' },
  config: { type: 'string' },
  tenant: { type: 'string' },
  url: { type: 'string', default: 'http://127.0.0.1:8080' },
  'key-env': { type: 'string', default: 'FUNDROUTE_KEY' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
} as const

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

interface Named {
  readonly name: string
  readonly recorded: Decision
}

/** `fundroute replay`. */
export async function replay(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: OPTIONS })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const asked =
    values.decisions !== undefined ||
    values.from !== undefined ||
    values.to !== undefined ||
    values.policy !== undefined
  if (positionals.length === 0 && !asked)
    throw new UsageError('name at least one decision, or a policy to compare with')
  let policies: Policies
  try {
    policies = await policiesOf(values)
  } catch (error) {
    if (!(error instanceof PolicyRefused)) throw error
    console.error(error.message)
    return 1
  }
  const comparisons = (await recordsOf(positionals, values, policies.tenant)).map(named =>
    again(named, policies),
  )
  process.stdout.write(values.json ? `${JSON.stringify(comparisons, null, 2)}\n` : asText(comparisons))
  return comparisons.every(({ same }) => same) ? 0 : 1
}

interface Policies {
  readonly tenant: string
  /** To decide under. */
  readonly under: DecisionPolicies
  /** What runs, when the policy to decide under is another. */
  readonly running?: DecisionPolicy
}

async function policiesOf({ policy, config: named, tenant: wanted }: Values): Promise<Policies> {
  if (policy === undefined) {
    const { config, version } = await configOf(named)
    const tenant = tenantOf(config, wanted)
    return { tenant, under: decisionPoliciesOf(config, version, tenant) }
  }
  const { running, changed } = await readPolicyFile(policy, named)
  const tenant = tenantOf(changed.config, wanted)
  return {
    tenant,
    under: decisionPoliciesOf(changed.config, changed.version, tenant),
    running: decisionPoliciesOf(running.config, running.version, tenant).policy,
  }
}

async function recordsOf(names: readonly string[], values: Values, tenant: string): Promise<Named[]> {
  if (names.length === 0) {
    const records = await readDecisions(values, tenant, showProgress)
    return records.map(({ id, decision }) => ({ name: id, recorded: decision }))
  }
  const found: Named[] = []
  for (const name of names)
    found.push({ name, recorded: await fetchRecord(name, values.url, process.env[values['key-env']]) })
  return found
}

function again({ name, recorded }: Named, { under, running }: Policies): Comparison {
  const policy = running === undefined ? policyFor(recorded, under) : under.policy
  if (!knowsRoutes(recorded.inputs, policy))
    throw new Error(
      `${name} knows nothing of some routes of the configuration: it was made before they existed`,
    )
  const replayed = decide(policy, recorded.inputs)
  const isMoved = recorded.cascade.join() !== replayed.cascade.join()
  const causes = running === undefined || !isMoved ? [] : causesOf(running, policy, recorded.inputs)
  return compareDecisions(name, recorded, replayed, causes)
}

async function configOf(named: string | undefined) {
  const { file, text } = await readConfigFile(named)
  const loaded = await loadConfig(text, file)
  if (!loaded.ok) throw new UsageError(loaded.problems.map(formatProblem).join('\n'))
  return loaded
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
