import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { SANDBOX_CONFIG_FILE } from '../src/cli/config-file.ts'
import { invitation } from '../src/cli/serve-banner.ts'
import { setTheStage } from '../src/cli/stage.ts'

/**
 * The gateway in the Workers runtime on this machine, with the sandbox upstreams: `npm start`, but at the edge. Works
 * offline. HOST, PORT and FUNDROUTE_DATA as for `npm start`, REDIS_URL too.
 */
const host = process.env.HOST ?? '127.0.0.1'
const port = process.env.PORT ?? '8080'
const data = join(process.env.FUNDROUTE_DATA ?? './data', 'edge')
const url = `http://${host}:${port}`
const READY_MS = 60_000

const bundled = readFileSync(SANDBOX_CONFIG_FILE, 'utf8')
const stage = await setTheStage(bundled, data)
stage.sandbox.setGateway(url)

/** In a file of its own, because arguments are visible to everybody on the machine. */
mkdirSync(data, { recursive: true })
const secretsFile = join(data, 'secrets.env')
const variables = { ...stage.secrets, ...(process.env.REDIS_URL ? { REDIS_URL: process.env.REDIS_URL } : {}) }
const lines = Object.entries(variables).map(([name, value]) => `${name}=${JSON.stringify(value)}\n`)
writeFileSync(secretsFile, lines.join(''), { mode: 0o600 })

const wrangler = join(
  dirname(createRequire(import.meta.url).resolve('wrangler/package.json')),
  'bin/wrangler.js',
)
const args = ['dev', '--ip', host, '--port', port, '--inspector-port', '0', '--persist-to', data]
args.push('--show-interactive-dev-session=false', '--log-level', 'warn', '--env-file', secretsFile)
args.push('--var', `LOG_LEVEL:${process.env.LOG_LEVEL ?? 'warn'}`)
if (stage.configText !== bundled) args.push('--var', `FUNDROUTE_CONFIG_TEXT:${stage.configText}`)
const child = spawn(process.execPath, [wrangler, ...args], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, CLOUDFLARE_CF_FETCH_ENABLED: 'false', WRANGLER_SEND_METRICS: 'false' },
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal))
const exited = once(child, 'exit') as Promise<[number | null]>

if (await ready()) {
  const where = [
    '',
    'fundroute is up, in the Workers runtime.',
    '',
    `  API       ${url}`,
    `  Journal   Durable Objects in ${data}`,
  ]
  process.stdout.write(`${[...where, ...invitation(url, stage)].join('\n')}\n`)
}
const [code] = await exited
await stage.sandbox.close()
process.exitCode = code ?? 0

async function ready(): Promise<boolean> {
  const until = Date.now() + READY_MS
  while (child.exitCode === null && child.signalCode === null && Date.now() < until) {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    if (answer?.status === 200) return true
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  return false
}
