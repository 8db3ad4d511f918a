import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { resolveSecrets } from '../config/secrets.ts'
import { runRecovery } from '../entry/recovery.ts'
import type { RecoverCommand, RecoverReport } from '../gateway/recover.ts'
import { readConfigFile } from './config-file.ts'
import { parseRecords } from './recover-records.ts'
import { UsageError } from './usage-error.ts'

const help = `Usage: fundroute recover [--since TIME | --records FILE | --release] [options]

Reconciles the journal with the upstreams after a restore from backup. Stop every gateway before you restore, hold sends,
start the gateways again when you like: they answer questions and refuse new payments until sends are released. An
embedded journal is in use by its gateway, so stop that for each step.

  --since TIME      hold sends; TIME is that of the backup (2026-06-01T02:00:00Z)
  --records FILE    join what upstreams have on their books since then, as CSV with a header or as JSON lines:
                    route, reference, orderId, status, currency, value, providerReference, operationReference, final, tenant
                    (status: approved, authorized, declined, canceled, captured, refunded; final: true for a capture
                    after which the rest of the authorization is released)
  --covers ROUTES   routes that the file is complete for, with commas; by default those that it names
  --release         let payments go on, when nothing is missing
  --accept-missing  release though records are missing or wait for a person
  without any of these: tell how it stands

  --config FILE     configuration (FUNDROUTE_CONFIG)
  --data DIR        folder of the embedded journal (FUNDROUTE_DATA, ./data); DATABASE_URL for PostgreSQL
  --json            print the report as JSON
  --help            this text

Exit status: 0 done, 1 something is missing or waits for a person, 2 used wrongly.
`

/** `fundroute recover`. */
export async function recover(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      since: { type: 'string' },
      records: { type: 'string' },
      covers: { type: 'string' },
      release: { type: 'boolean' },
      'accept-missing': { type: 'boolean' },
      config: { type: 'string' },
      data: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  if (values.help) {
    process.stdout.write(help)
    return 0
  }
  const command = await commandOf(values)
  const { file, text } = await readConfigFile(values.config)
  const loaded = await loadConfig(text, file)
  if (!loaded.ok) throw new UsageError(loaded.problems.map(formatProblem).join('\n'))
  const resolved = resolveSecrets(loaded.config, process.env)
  if (!resolved.ok) throw new UsageError(resolved.problems.join('\n'))
  const databaseUrl = process.env['DATABASE_URL']
  const report = await runRecovery(
    {
      config: loaded.config,
      version: loaded.version,
      secrets: resolved.secrets,
      journalFile: join(values.data ?? process.env['FUNDROUTE_DATA'] ?? './data', 'journal.sqlite'),
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    },
    command,
  )
  process.stdout.write(values.json ? `${JSON.stringify(report, null, 2)}\n` : describe(report))
  return isInOrder(command, report) ? 0 : 1
}

async function commandOf(values: {
  since?: string | undefined
  records?: string | undefined
  covers?: string | undefined
  release?: boolean | undefined
  'accept-missing'?: boolean | undefined
}): Promise<RecoverCommand> {
  const { since, records: file, covers, release } = values
  if ([since, file, release].filter(given => given !== undefined).length > 1) {
    throw new UsageError('one step at a time: --since, --records or --release')
  }
  if (since !== undefined) {
    const sinceAt = Date.parse(since)
    // A date without its zone would mean another moment on every machine.
    if (Number.isNaN(sinceAt) || !/(Z|[+-]\d\d:\d\d)$/.test(since)) {
      throw new UsageError(`${since} is no time with its zone, such as 2026-06-01T02:00:00Z`)
    }
    return { kind: 'hold', sinceAt }
  }
  if (file !== undefined) {
    const records = parseRecords(await contentOf(file), file)
    const routes = covers?.split(',').filter(Boolean) ?? [...new Set(records.map(({ route }) => route))]
    return { kind: 'records', records, routes }
  }
  return release === true
    ? { kind: 'release', acceptMissing: values['accept-missing'] === true }
    : { kind: 'status' }
}

async function contentOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw new UsageError(`cannot read ${file}`, { cause })
  }
}

function isInOrder({ kind }: RecoverCommand, { recovery, waiting }: RecoverReport): boolean {
  return kind === 'release' ? recovery?.phase === 'released' : waiting.length === 0
}

function describe({ recovery, open, waiting, joined, missing }: RecoverReport): string {
  if (recovery === undefined) return 'no recovery was ever begun; payments go on\n'
  const lines = [
    recovery.phase === 'held'
      ? `sends are held since ${iso(recovery.heldAt)}, for what happened since ${iso(recovery.sinceAt)}`
      : `sends were released at ${iso(recovery.releasedAt ?? 0)}`,
    `${open} payments are open`,
    ...Object.entries(joined).map(([kind, count]) => `${count} records: ${kind.replaceAll('_', ' ')}`),
    ...waiting.map(
      ({ record, reason }) =>
        `waits for a person: ${record.route} ${record.reference} order ${record.orderId} ${record.status}: ${reason}`,
    ),
    ...missing.map(line => `missing before a release: ${line}`),
  ]
  return `${lines.join('\n')}\n`
}

function iso(at: number): string {
  return new Date(at).toISOString()
}
