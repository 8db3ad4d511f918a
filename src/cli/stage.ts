import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../config/load.ts'
import { secretReferences } from '../config/secrets.ts'
import type { SandboxRoute } from '../sandbox/protocol.ts'
import { type Sandbox, startSandbox } from '../sandbox/start.ts'
import { SANDBOX_CONFIG_FILE } from './config-file.ts'

/** Sandbox upstreams, the configuration with their addresses, and secrets that nobody has to think up. */
export interface Stage {
  readonly sandbox: Sandbox
  readonly configText: string
  readonly secrets: Readonly<Record<string, string>>
}

/** Starts the sandbox upstreams of the bundled configuration; secrets are kept in the data folder. */
export async function setTheStage(configText: string, data: string): Promise<Stage> {
  const loaded = await loadConfig(configText, SANDBOX_CONFIG_FILE)
  if (!loaded.ok) throw new Error('the bundled configuration is broken')
  const names = secretReferences(loaded.config).map(({ env }) => env)
  const secrets = sandboxSecrets(data, names)
  const sandbox = await startSandboxAnywhere({
    notificationSecrets: notificationSecrets(loaded.config.routes, secrets),
    tokens: tokens(loaded.config.routes, secrets),
  })
  let text = configText
  loaded.config.routes.forEach(({ id, connector }) => {
    const started = sandbox.routes.find(route => route.id === id)
    if (started !== undefined) text = text.replaceAll(connector.baseUrl, started.baseUrl)
  })
  return { sandbox, configText: text, secrets }
}

type RouteConfigs = readonly {
  readonly id: string
  readonly connector: {
    readonly tokenEnv?: string | undefined
    readonly notificationSecretEnvs: readonly string[]
  }
}[]
type PerRoute = Partial<Record<SandboxRoute, string>>

function notificationSecrets(routes: RouteConfigs, secrets: Readonly<Record<string, string>>): PerRoute {
  return Object.fromEntries(
    routes.flatMap(({ id, connector }) =>
      connector.notificationSecretEnvs.slice(0, 1).map(env => [id, secrets[env]]),
    ),
  ) as PerRoute
}

function tokens(routes: RouteConfigs, secrets: Readonly<Record<string, string>>): PerRoute {
  return Object.fromEntries(
    routes.flatMap(({ id, connector }) =>
      connector.tokenEnv === undefined ? [] : [[id, secrets[connector.tokenEnv]]],
    ),
  ) as PerRoute
}

/** The documented ports when they are free, else any. */
async function startSandboxAnywhere(options: Parameters<typeof startSandbox>[0]): Promise<Sandbox> {
  try {
    return await startSandbox(options)
  } catch (error) {
    if (!isPortTaken(error)) throw error
    return startSandbox({ ...options, ports: 0 })
  }
}

/** Made once for a data folder and kept there, so that the printed curl goes on working after a restart. */
function sandboxSecrets(data: string, names: readonly string[]): Record<string, string> {
  mkdirSync(data, { recursive: true })
  const file = join(data, 'sandbox-secrets.json')
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>) : {}
  const secrets = Object.fromEntries(names.map(name => [name, kept[name] ?? newSecret(name)]))
  writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  return secrets
}

function newSecret(name: string): string {
  if (name.endsWith('_HOOK_SECRET')) return `whsec_${randomBytes(32).toString('base64')}`
  return `sandbox_${randomBytes(24).toString('hex')}`
}

export function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
}
