import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { decisionPolicyOf } from '../config/decision-policy.ts'
import { policyOf } from '../config/policy-of.ts'
import { compareOffPolicy, evaluateOffPolicy } from '../core/evaluation/off-policy.ts'
import {
  choicesOfRecords,
  type RecordedChoices,
  type RecordedDecision,
  type Yardstick,
} from '../core/evaluation/recorded.ts'
import { evaluateLog } from './evaluate-log.ts'
import { type PolicyFile, PolicyRefused, readPolicyFile, tenantOf } from './policy-file.ts'
import { showProgress } from './progress.ts'
import { readDecisions, RECORDED_HELP, RECORDED_OPTIONS } from './recorded-decisions.ts'
import { UsageError } from './usage-error.ts'
import { asJson, asText, type Verdict } from './verdict.ts'

const HELP = `Usage: fundroute evaluate --policy FILE [options]

Judges a policy by decisions that another one made, before anybody pays under it: net value of the first try, by
inverse propensities (IPS), self-normalised (SNIPS) and doubly robust (DR), with 95% intervals by bootstrap over
payments. Where the records cannot support the question it says why and gives no verdict.

  --policy FILE      the policy to judge: the section policy of a configuration, or a whole configuration
  --config FILE      configuration that runs (FUNDROUTE_CONFIG, else the sandbox configuration)
  --tenant ID        whose decisions; needed when the configuration has several
  --currency CODE    judge decisions in this currency; needed when there are several

The gateway's own decisions, unless --csv is given:
${RECORDED_HELP}
  --save FILE        also keep what was read, as JSON lines
  --draws N          seeds under which decisions drawn by lot are made again, 1 to 1024 (64)

Decisions of another system, in a CSV file sorted by time:
  --csv FILE         one attempt per row
  --columns FILE     which columns say what, as YAML (docs/learning.md)
  --learn SHARE      first part that the gateway's learner sees, 0.1 to 0.9 (0.75); the rest is judged
  --shares           the log has no propensities: take the routes' shares in the first part. Right only for a log in
                     which nothing but a random split decided

  --margin-bps N     what an approval is worth, of the amount (the running policy's economics)
  --json             print the result as JSON
  --help             this text

Exit status: 0 judged, 1 no verdict or a policy with a mistake, 2 used wrongly.`

const OPTIONS = {
  ...RECORDED_OPTIONS,
  policy: { type: 'string' },
  config: { type: 'string' },
  tenant: { type: 'string' },
  currency: { type: 'string' },
  save: { type: 'string' },
  draws: { type: 'string', default: '64' },
  csv: { type: 'string' },
  columns: { type: 'string' },
  learn: { type: 'string', default: '0.75' },
  shares: { type: 'boolean', default: false },
  'margin-bps': { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
} as const

/** `fundroute evaluate`. */
export async function evaluate(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: OPTIONS })
  if (values.help === true) {
    console.log(HELP)
    return 0
  }
  if (values.policy === undefined) throw new UsageError('name the policy with --policy')
  if ((values.csv === undefined) !== (values.columns === undefined))
    throw new UsageError('--csv and --columns go together')
  let verdict: Verdict
  try {
    verdict = await judge(values, await readPolicyFile(values.policy, values.config))
  } catch (error) {
    if (!(error instanceof PolicyRefused)) throw error
    console.error(error.message)
    return 1
  }
  console.log(values.json ? JSON.stringify(asJson(verdict), undefined, 2) : asText(verdict))
  return verdict.policy.refusal === undefined ? 0 : 1
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values']

async function judge(values: Values, files: PolicyFile): Promise<Verdict> {
  const tenant = tenantOf(files.running.config, values.tenant)
  const { economics } = policyOf(files.running.config, tenant)
  const marginBps = wholeNumber(
    '--margin-bps',
    values['margin-bps'] ?? String(economics.marginBps),
    0,
    10_000,
  )
  const yardstick = { marginBps, unknownCost: economics.unknownCost }
  const { config, version } = files.changed
  const policy = decisionPolicyOf(config, version, tenantOf(config, tenant))
  if (values.csv !== undefined && values.columns !== undefined) {
    return evaluateLog({
      csv: values.csv,
      columns: values.columns,
      learnShare: Number(values.learn),
      sharesAsPropensities: values.shares,
      policy,
      metadata: config.learning.metadata,
      yardstick,
    })
  }
  const draws = wholeNumber('--draws', values.draws, 1, 1_024)
  const records = await readDecisions(values, tenant, showProgress)
  if (values.save !== undefined)
    await writeFile(values.save, records.map(row => `${JSON.stringify(row)}\n`).join(''))
  const currency = values.currency ?? onlyCurrency(records)
  const choices = choicesOfRecords(records, () => policy, {
    yardstick,
    currency,
    draws,
    onProgress: showProgress,
  })
  return verdictOf(choices, { currency, yardstick, version })
}

function verdictOf(
  { policy, logged, leftOut }: RecordedChoices,
  told: { currency: string; yardstick: Yardstick; version: string },
): Verdict {
  return {
    ...told,
    policy: evaluateOffPolicy(policy),
    logged: evaluateOffPolicy(logged),
    ...(policy.length === 0 ? {} : { difference: compareOffPolicy(policy, logged) }),
    notes: [
      note(leftOut.withoutOutcome, 'without a known outcome of their first route'),
      note(leftOut.otherCurrency, `in another currency than ${told.currency}`),
      note(leftOut.unknownRoutes, 'made before a route of the policy existed'),
    ].filter(line => line !== ''),
  }
}

function note(count: number, what: string): string {
  return count === 0 ? '' : `${count} decisions are left out: ${what}`
}

function onlyCurrency(records: readonly RecordedDecision[]): string {
  const found = new Set(records.map(({ decision }) => decision.inputs.context.amount.currency))
  if (found.size > 1) throw new UsageError(`name one currency with --currency: ${[...found].join(', ')}`)
  return [...found][0] ?? 'CNY'
}

function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (text === '' || !Number.isInteger(value) || value < min || value > max)
    throw new UsageError(`${option} must be a whole number from ${min} to ${max}`)
  return value
}
