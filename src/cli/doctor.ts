import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { resolveSecrets } from '../config/secrets.ts'
import { type Finding, probeJournal, probeNode, probeRedis, probeUpstreams } from '../entry/probe.ts'
import { readConfigFile, SANDBOX_CONFIG_FILE } from './config-file.ts'

const help = `Usage: fundroute doctor [options]

Looks at what the gateway depends on - Node, clocks, Redis, journal, upstreams - and says what to mend.

  --config FILE   configuration (FUNDROUTE_CONFIG, else the sandbox configuration)
  --data DIR      folder of the embedded journal (FUNDROUTE_DATA, ./data)
  --json          print the findings as JSON
  --help          this text

REDIS_URL and DATABASE_URL are looked at when they are set. Run it while the gateway is stopped to look at the
embedded journal too.

Exit status: 0 nothing to mend, 1 something to mend, 2 used wrongly.
`

const MARKS = { ok: 'ok  ', warning: 'WARN', error: 'FAIL' } as const

/** `fundroute doctor`. */
export async function doctor(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
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
  const { env } = process
  const findings = [probeNode()]
  if (env['REDIS_URL'] !== undefined) findings.push(...(await probeRedis(env['REDIS_URL'])))
  const data = values.data ?? env['FUNDROUTE_DATA'] ?? './data'
  // As `serve` does: where nothing has run yet, nothing is broken.
  if (env['DATABASE_URL'] === undefined) mkdirSync(data, { recursive: true })
  findings.push(...(await probeJournal(join(data, 'journal.sqlite'), env['DATABASE_URL'])))
  findings.push(...(await probeConfig(values.config)))
  process.stdout.write(values.json ? `${JSON.stringify(findings, null, 2)}\n` : describe(findings))
  return findings.every(({ state }) => state === 'ok') ? 0 : 1
}

async function probeConfig(named: string | undefined): Promise<Finding[]> {
  const { file, text } = await readConfigFile(named)
  if (file === SANDBOX_CONFIG_FILE) {
    const detail = 'the bundled sandbox, whose secrets and upstreams start and stop with `fundroute serve`'
    return [{ what: 'configuration', state: 'ok', detail: `${detail}; name your own with --config` }]
  }
  return (await dialConfig(text, file)).findings
}

/** Loads a configuration and dials what it names; its own mistakes are findings too. */
export async function dialConfig(text: string, file: string): Promise<{ findings: Finding[] }> {
  const what = 'configuration'
  const loaded = await loadConfig(text, file)
  if (!loaded.ok) {
    const findings = loaded.problems.map(
      (problem): Finding => ({ what, state: 'error', detail: formatProblem(problem) }),
    )
    return { findings }
  }
  const resolved = resolveSecrets(loaded.config, process.env)
  if (!resolved.ok) {
    const findings = resolved.problems.map((detail): Finding => ({ what, state: 'error', detail }))
    return { findings }
  }
  const { config, version } = loaded
  const findings = await probeUpstreams(config, version, resolved.secrets)
  return { findings: [{ what, state: 'ok', detail: `${file}, version ${version}` }, ...findings] }
}

function describe(findings: readonly Finding[]): string {
  return findings
    .map(
      ({ state, what, detail, fix }) =>
        `${MARKS[state]}  ${what}: ${detail}${fix === undefined ? '' : `\n      ${fix}`}\n`,
    )
    .join('')
}
