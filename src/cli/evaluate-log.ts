import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import * as z from 'zod'
import type { DecisionPolicy } from '../core/decision.ts'
import { compareOffPolicy, evaluateOffPolicy } from '../core/evaluation/off-policy.ts'
import type { Yardstick } from '../core/evaluation/recorded.ts'
import { Estimates } from '../gateway/estimates.ts'
import { type LogColumns, logColumnsSchema, readLog } from '../simulation/logged/read-log.ts'
import {
  choicesOf,
  type JudgeOptions,
  learnFrom,
  type LoggedAttempt,
  routerOf,
  sharesOf,
} from '../simulation/logged/study.ts'
import { UsageError } from './usage-error.ts'
import type { Verdict } from './verdict.ts'

export interface LogQuestion {
  readonly csv: string
  readonly columns: string
  /** Share of the rows that is learned from; the rest is judged. */
  readonly learnShare: number
  readonly sharesAsPropensities: boolean
  readonly policy: DecisionPolicy
  readonly metadata: readonly string[]
  readonly yardstick: Yardstick
}

const NO_PROPENSITIES =
  'the log does not tell with which probability its routes were chosen: name the column (propensity), or say --shares if nothing but a random split decided'

/** Judges a policy by a log of another system: the gateway's learner sees its first part, the rest is judged. */
export async function evaluateLog(question: LogQuestion): Promise<Verdict> {
  const { policy, yardstick, learnShare } = question
  if (!(learnShare >= 0.1 && learnShare <= 0.9)) throw new UsageError('--learn must be from 0.1 to 0.9')
  const columns = await readColumns(question.columns)
  const attempts = readLog(await read(question.csv), columns)
  const unknown = attempts.find(({ route }) => !policy.routes.some(({ id }) => id === route))
  if (unknown !== undefined) throw new Error(`${question.csv}: route ${unknown.route} is not configured`)
  const told = { currency: columns.currency, yardstick, version: policy.version }
  if (columns.propensity === undefined && !question.sharesAsPropensities) {
    const none = evaluateOffPolicy([])
    return {
      ...told,
      policy: { ...none, refusal: { code: 'bad_row', message: NO_PROPENSITIES } },
      logged: none,
      notes: [],
    }
  }
  const { options, learned, judged, estimates } = parted(question, attempts)
  // Judged try by try: what follows a decline has a row of its own.
  const single = { ...policy, attemptsMax: 1 }
  const ours = choicesOf(judged, routerOf(single, estimates), options)
  const logged = choicesOf(judged, undefined, options)
  return {
    ...told,
    policy: evaluateOffPolicy(ours),
    logged: evaluateOffPolicy(logged),
    difference: compareOffPolicy(ours, logged),
    notes: [
      `${learned.length} rows were learned from; nothing is explored in the rest`,
      ...(columns.propensity === undefined
        ? ['propensities are shares of the routes: right only where a random split decided']
        : []),
    ],
  }
}

function parted(
  { policy, metadata, yardstick, learnShare }: LogQuestion,
  attempts: readonly LoggedAttempt[],
): { options: JudgeOptions; learned: LoggedAttempt[]; judged: LoggedAttempt[]; estimates: Estimates } {
  const border = Math.floor(attempts.length * learnShare)
  const learned = attempts.slice(0, border)
  const judged = attempts.slice(border)
  const estimates = new Estimates(policy.routes, () => metadata)
  learnFrom(estimates, learned)
  const options: JudgeOptions = {
    routes: policy.routes,
    marginBps: yardstick.marginBps,
    propensity: sharesOf(learned),
    approval: (attempt, route) => estimates.estimate(route, attempt.context, 'first', attempt.at).approval,
  }
  return { options, learned, judged, estimates }
}

async function readColumns(file: string): Promise<LogColumns> {
  let content: unknown
  try {
    content = parse(await read(file))
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new Error(`${file}: ${cause instanceof Error ? cause.message : 'is no YAML'}`, { cause })
  }
  const parsed = logColumnsSchema.safeParse(content)
  if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`)
  return parsed.data
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'error'
    throw new UsageError(`cannot read ${file} (${code})`, { cause })
  }
}
