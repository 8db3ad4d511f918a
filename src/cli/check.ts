import { parseArgs } from 'node:util'
import { diffConfigs, formatChange } from '../config/diff.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { resolveSecrets } from '../config/secrets.ts'
import type { Finding } from '../entry/probe.ts'
import { dialConfig } from './doctor.ts'
import { readConfigFile } from './config-file.ts'
import { UsageError } from './usage-error.ts'

const HELP = `Usage: fundroute check [FILE] [options]

Checks a configuration without starting anything; offline unless --online. FILE defaults to FUNDROUTE_CONFIG, else to the bundled sandbox
configuration.

  --config FILE    the same as FILE
  --against FILE   also tell what changes from that configuration to this one
  --online         also dial every upstream that it names, sending nothing that could charge
  --secrets        also look whether the environment holds every secret that it names
  --json           print the findings as JSON`

interface Report {
  readonly file: string
  readonly loaded: LoadedConfig
  readonly changes?: readonly string[]
  readonly secrets: readonly string[]
  readonly dialled: readonly Finding[]
}

/** Checks a configuration, offline unless asked to dial. */
export async function check(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      config: { type: 'string' },
      against: { type: 'string' },
      secrets: { type: 'boolean' },
      online: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  })
  if (values.help === true) {
    console.log(HELP)
    return 0
  }
  const files = [...positionals, ...(values.config === undefined ? [] : [values.config])]
  if (files.length > 1) throw new UsageError('name one file')
  const { file, text } = await readConfigFile(files[0])
  const loaded = await loadConfig(text, file)
  const report: Report = {
    file,
    loaded,
    ...(values.against === undefined ? {} : { changes: await changesFrom(values.against, loaded) }),
    secrets: values.secrets === true ? missingSecrets(loaded) : [],
    dialled: values.online === true && loaded.ok ? (await dialConfig(text, file)).findings : [],
  }
  console.log(values.json === true ? JSON.stringify(asJson(report), undefined, 2) : asText(report))
  return isInOrder(report) ? 0 : 1
}

async function changesFrom(oldFile: string, loaded: LoadedConfig): Promise<string[]> {
  const before = await readConfigFile(oldFile)
  const old = await loadConfig(before.text, before.file)
  if (!old.ok) throw new UsageError(`${oldFile} is not in order itself`)
  return loaded.ok ? diffConfigs(old.config, loaded.config).map(formatChange) : []
}

function missingSecrets(loaded: LoadedConfig): readonly string[] {
  if (!loaded.ok) return []
  const resolved = resolveSecrets(loaded.config, process.env)
  return resolved.ok ? [] : resolved.problems
}

function isInOrder(report: Report): boolean {
  return (
    report.loaded.ok && report.secrets.length === 0 && report.dialled.every(({ state }) => state === 'ok')
  )
}

function asJson(report: Report) {
  const { file, loaded, changes, secrets, dialled } = report
  return {
    ok: isInOrder(report),
    file,
    ...(loaded.ok ? { version: loaded.version } : {}),
    problems: loaded.ok ? loaded.warnings : loaded.problems,
    ...(changes === undefined ? {} : { changes }),
    secrets,
    ...(dialled.length === 0 ? {} : { dialled }),
  }
}

function asText({ file, loaded, changes, secrets, dialled }: Report): string {
  const problems = (loaded.ok ? loaded.warnings : loaded.problems).map(formatProblem)
  const lines = [...problems, ...secrets.map(problem => `error: ${problem}`), ...(changes ?? [])]
  if (changes?.length === 0) lines.push('nothing changes')
  if (loaded.ok) {
    const { routes, tenants } = loaded.config
    lines.push(`${file}: version ${loaded.version}, ${tenants.length} tenant(s), ${routes.length} route(s)`)
  }
  for (const { state, what, detail } of dialled) lines.push(`${state}: ${what}: ${detail}`)
  return lines.join('\n')
}
