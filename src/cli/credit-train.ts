import { createHash } from 'node:crypto'
import { readFile, stat, writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { parse as parseCsv } from 'csv-parse/sync'
import { parse as parseYaml } from 'yaml'
import * as z from 'zod'
import { parseScorecard } from '../core/credit/parse-scorecard.ts'
import { DERIVED_OPS, type PointsScale } from '../core/credit/scorecard-model.ts'
import { chooseColumns, type ColumnSpec } from '../core/credit/training/columns.ts'
import { crossValidate } from '../core/credit/training/cross-validation.ts'
import { developScorecard } from '../core/credit/training/develop.ts'
import { FIT_DEFAULTS, type FitOptions } from '../core/credit/training/fit.ts'
import { modelCard, type ScorecardFile } from '../core/credit/training/model-card.ts'
import { splitHoldout } from '../core/credit/training/split.ts'
import { type Table, tableOf, takeRows } from '../core/credit/training/table.ts'
import { FACT_DIMENSIONS, FEATURE_REASONS } from '../core/credit/types.ts'
import { cardReport } from './credit-report.ts'

const FILE_BYTES_MAX = 1 << 30
const HOLDOUT_SHARE = 0.2
const SCALE: PointsScale = { pointsToDouble: 20, baseScore: 600, baseOdds: 50 }

const help = `Usage: fundroute credit train --data FILE --target COLUMN [options]

Trains a points scorecard (binned weights of evidence, L2 logistic regression, significant interactions) on a CSV file
and writes it as JSON with its model card. The same data, options and seed give the same file, byte for byte.

  --data FILE          CSV with a header
  --target COLUMN      the outcome; two values
  --bad VALUE          which of them is bad (1)
  --out FILE           where the model goes (scorecard.json), - for standard output
  --time COLUMN        keep the latest fifth of rows by this column as out-of-time test; else a random fifth
  --folds K            also cross-validate: fold = row index modulo K
  --seed N             seed of every random split (1)
  --spec FILE          YAML or JSON: per column monotone, special, category, dimension, reason; derived columns
  --drop A,B           columns to leave out
  --protected A,B      the protected columns to leave out, instead of those found by name (sex, age, marital status,
                       nationality, dependants ...)
  --keep-protected     leave no column out for being protected; for comparison only
  --fairness A,B       columns to slice the card's measures by; they need not be used by the model
  --interactions N     at most this many pairs of columns (6)
  --no-derived         do not propose means, extremes and ratios of columns
  --json               print the model card as JSON instead of text
  --help               this text

Progress goes to standard error. Exit status: 0 done, 1 the data cannot be used, 2 misuse.
`

const specSchema = z.strictObject({
  columns: z
    .record(
      z.string(),
      z.strictObject({
        monotone: z.enum(['increasing', 'decreasing']).optional(),
        special: z.array(z.number()).max(100).optional(),
        category: z.boolean().optional(),
        dimension: z.enum(FACT_DIMENSIONS).optional(),
        reason: z.enum(FEATURE_REASONS).optional(),
      }),
    )
    .default({}),
  derived: z
    .array(
      z
        .strictObject({
          name: z.string().min(1),
          op: z.enum(DERIVED_OPS),
          columns: z.array(z.string()).min(1).max(500),
        })
        .refine(({ op, columns }) => columns.length === 2 || (op !== 'ratio' && op !== 'difference'), {
          message: 'a ratio or difference takes two columns',
        }),
    )
    .max(200)
    .default([]),
})

/** What the command line asks for, checked. */
interface Order {
  readonly data: string
  readonly target: string
  readonly bad: string
  readonly out: string
  readonly time: string | undefined
  readonly folds: number | undefined
  readonly seed: number
  readonly spec: z.infer<typeof specSchema>
  readonly drop: readonly string[]
  readonly protectedNames: ReadonlySet<string> | undefined
  readonly fairness: readonly string[]
  readonly interactions: number
  readonly derived: boolean
  readonly json: boolean
}

/** `fundroute credit train`. Returns the exit status. */
export async function creditTrain(args: string[]): Promise<number> {
  let order: Order | undefined
  try {
    order = await readOrder(args)
  } catch (error) {
    process.stderr.write(`${message(error)}\n\n${help}`)
    return 2
  }
  if (!order) {
    process.stdout.write(help)
    return 0
  }
  try {
    await train(order)
    return 0
  } catch (error) {
    process.stderr.write(`The model was not trained: ${message(error)}\n`)
    return 1
  }
}

async function train(order: Order): Promise<void> {
  const progress = (step: string): void => void process.stderr.write(`${step}\n`)
  const { table, bad, sha256 } = await load(order)
  const asked = new Set([...order.drop, ...(order.time === undefined ? [] : [order.time])])
  const { columns, excluded } = chooseColumns(table, order.target, asked, order.protectedNames)
  for (const { column, why } of excluded) if (why !== 'target') progress(`leaving out ${column} (${why})`)
  const specs = new Map<string, ColumnSpec>(Object.entries(order.spec.columns) as [string, ColumnSpec][])
  const labels = { target: order.target, scale: SCALE, columns: specs }
  const options = fitOptions(order, specs)

  const split = splitHoldout(table, bad, HOLDOUT_SHARE, order.seed, order.time)
  const crossValidation =
    order.folds === undefined
      ? null
      : crossValidate(table, columns, bad, order.folds, options, labels, order.seed, progress)
  const rowsBad = (rows: Uint32Array): Uint8Array => Uint8Array.from(rows, row => bad[row] as number)
  const development = takeRows(table, split.development)
  const developmentBad = rowsBad(split.development)
  const developed = developScorecard(
    development,
    columns,
    developmentBad,
    options,
    labels,
    order.seed,
    progress,
  )
  progress(`measuring ${split.holdout.length} hold-out rows`)
  const card = modelCard({
    developed,
    bad: developmentBad,
    holdout: takeRows(table, split.holdout),
    holdoutBad: rowsBad(split.holdout),
    split,
    seed: order.seed,
    excluded,
    crossValidation,
    fairnessColumns: order.fairness,
  })
  const version = createHash('sha256').update(JSON.stringify(developed.scorecard)).digest('hex').slice(0, 12)
  const file: ScorecardFile & { data: object } = {
    ...developed.scorecard,
    version,
    data: { sha256, rows: table.rows },
    card,
  }
  parseScorecard(file)
  const text = `${JSON.stringify(file, null, 1)}\n`
  if (order.out === '-') process.stdout.write(text)
  else {
    await writeFile(order.out, text)
    progress(`wrote ${order.out} (version ${version})`)
    process.stdout.write(order.json ? `${JSON.stringify(card, null, 2)}\n` : cardReport(card))
  }
}

function fitOptions(order: Order, columns: ReadonlyMap<string, ColumnSpec>): FitOptions {
  return {
    ...FIT_DEFAULTS,
    columns,
    derived: order.spec.derived,
    proposeDerived: order.derived,
    interactions: { ...FIT_DEFAULTS.interactions, interactionsMax: order.interactions },
  }
}

async function load(order: Order): Promise<{ table: Table; bad: Uint8Array; sha256: string }> {
  if ((await stat(order.data)).size > FILE_BYTES_MAX) throw new RangeError(`${order.data} is over 1 GiB`)
  const bytes = await readFile(order.data)
  const [header, ...rows]: string[][] = parseCsv(bytes, { bom: true, skip_empty_lines: true, trim: true })
  const at = header?.indexOf(order.target) ?? -1
  if (!header || at < 0) throw new RangeError(`${order.data} has no column ${order.target}`)
  const named = [...order.drop, ...order.fairness, ...(order.time === undefined ? [] : [order.time])]
  const known = new Set([...header, ...order.spec.derived.map(({ name }) => name)])
  const unknown = [...named, ...(order.protectedNames ?? []), ...Object.keys(order.spec.columns)].find(
    name => !known.has(name),
  )
  if (unknown !== undefined) throw new RangeError(`${order.data} has no column ${unknown}`)
  const outcomes = rows.map(row => row[at] as string)
  const values = new Set(outcomes)
  if (values.size !== 2 || !values.has(order.bad)) {
    throw new RangeError(`${order.target} must have two values, one of them ${order.bad}`)
  }
  const categories = Object.entries(order.spec.columns).filter(([, column]) => column.category === true)
  return {
    table: tableOf(header, rows, new Set(categories.map(([name]) => name))),
    bad: Uint8Array.from(outcomes, value => (value === order.bad ? 1 : 0)),
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }
}

/** Undefined when help is asked for. Throws on misuse. */
async function readOrder(args: string[]): Promise<Order | undefined> {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: 'string' },
      target: { type: 'string' },
      bad: { type: 'string', default: '1' },
      out: { type: 'string', default: 'scorecard.json' },
      time: { type: 'string' },
      folds: { type: 'string' },
      seed: { type: 'string', default: '1' },
      spec: { type: 'string' },
      drop: { type: 'string', default: '' },
      protected: { type: 'string' },
      'keep-protected': { type: 'boolean', default: false },
      fairness: { type: 'string', default: '' },
      interactions: { type: 'string', default: String(FIT_DEFAULTS.interactions.interactionsMax) },
      'no-derived': { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  if (!values.data || !values.target) throw new TypeError('--data and --target are needed')
  if (values.protected !== undefined && values['keep-protected']) {
    throw new TypeError('--protected and --keep-protected exclude each other')
  }
  const protectedNames = values['keep-protected']
    ? []
    : values.protected === undefined
      ? undefined
      : names(values.protected)
  return {
    data: values.data,
    target: values.target,
    bad: values.bad,
    out: values.out,
    time: values.time,
    folds: values.folds === undefined ? undefined : whole('--folds', values.folds, 2, 20),
    seed: whole('--seed', values.seed, 0, 0xffff_ffff),
    spec: specSchema.parse(
      values.spec === undefined ? {} : (parseYaml(await readFile(values.spec, 'utf8')) ?? {}),
    ),
    drop: names(values.drop),
    protectedNames: protectedNames && new Set(protectedNames),
    fairness: names(values.fairness),
    interactions: whole('--interactions', values.interactions, 0, 50),
    derived: !values['no-derived'],
    json: values.json,
  }
}

function names(list: string): string[] {
  return list
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '')
}

function whole(option: string, text: string, min: number, max: number): number {
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < min || value > max) {
    throw new TypeError(`${option} must be a whole number from ${min} to ${max}`)
  }
  return value
}

function message(error: unknown): string {
  if (error instanceof z.ZodError) return `--spec: ${z.prettifyError(error)}`
  return error instanceof Error ? error.message : String(error)
}
