import { FetchClient } from '../adapters/http-client/fetch.ts'
import { LOG_LEVELS, type LogLevel } from '../adapters/telemetry/log-lines.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import type { Config } from '../config/schema.ts'
import { resolveSecrets, SECRET_LENGTH_MIN } from '../config/secrets.ts'
import { DEFAULT_SETTINGS, type GatewaySettings } from '../gateway/runtime.ts'
import type { Clock } from '../ports/clock.ts'
import { HttpOutside } from './outside.ts'
import { buildGeneration, type Generation } from './runtime.ts'
import { Shards } from './shards.ts'

/** What a deployment sets besides the secrets that its configuration names. All are text. */
export interface EdgeVariables {
  /** The configuration itself, in place of the bundled file. */
  readonly FUNDROUTE_CONFIG_TEXT?: string
  readonly REDIS_URL?: string
  /** Opens `/metrics` and `/admin/v1/*`, unless the configuration names another token in `server.adminTokenEnv`. */
  readonly ADMIN_TOKEN?: string
  /** Shards per tenant; never changed while there are payments. */
  readonly SHARDS_PER_TENANT?: string
  /** How long a Worker owns a payment without renewing, ms; after a crash nobody touches it for so long. */
  readonly LEASE_MS?: string
  readonly LOG_LEVEL?: string
}

/** What both halves of the gateway on Workers - the Worker and its objects - make of the same bindings. */
export interface EdgeConfig {
  readonly generation: Generation
  readonly settings: GatewaySettings
  readonly shards: Shards
  readonly redisUrl?: string
  readonly adminToken?: string
  readonly logLevel: LogLevel
}

/** Bindings that nothing can be started with: each line says what is wrong and where. */
export class EdgeConfigRefused extends Error {
  override readonly name = 'EdgeConfigRefused'

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
  }
}

/** Between the longest attempt and the lease: the send window's slack and the margin before the lease ends. */
const LEASE_SLACK_MS = 2_000
const LEASE_MS_MAX = 600_000

/** Throws `EdgeConfigRefused`. */
export async function readEdgeConfig(
  bindings: Readonly<Record<string, unknown>>,
  bundledText: string,
  clock: Clock,
): Promise<EdgeConfig> {
  const env = textsOf(bindings)
  const variables: EdgeVariables = env
  const given = variables.FUNDROUTE_CONFIG_TEXT
  const loaded = await loadConfig(
    given ?? bundledText,
    given === undefined ? 'bundled' : 'FUNDROUTE_CONFIG_TEXT',
  )
  if (!loaded.ok) throw new EdgeConfigRefused(loaded.problems.map(formatProblem))
  const { config, version } = loaded
  const resolved = resolveSecrets(config, env)
  if (!resolved.ok) throw new EdgeConfigRefused(resolved.problems)
  const outside = new HttpOutside(clock, () => new FetchClient())
  const adminToken =
    config.server.adminTokenEnv === undefined
      ? tokenOf(variables.ADMIN_TOKEN)
      : resolved.secrets.get(config.server.adminTokenEnv)
  return {
    generation: buildGeneration(config, version, resolved.secrets, outside),
    settings: settingsOf(variables, config),
    shards: new Shards(numberOf('SHARDS_PER_TENANT', variables.SHARDS_PER_TENANT, 1, 1, 256)),
    logLevel: levelOf(variables.LOG_LEVEL),
    ...(variables.REDIS_URL === undefined ? {} : { redisUrl: variables.REDIS_URL }),
    ...(adminToken === undefined ? {} : { adminToken }),
  }
}

function textsOf(bindings: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(bindings).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
  )
  return Object.fromEntries(texts)
}

function settingsOf({ LEASE_MS }: EdgeVariables, config: Config): GatewaySettings {
  const longestMs = Math.max(...config.routes.map(({ connector }) => connector.timeoutMs))
  const leaseMs = numberOf(
    'LEASE_MS',
    LEASE_MS,
    DEFAULT_SETTINGS.leaseMs,
    longestMs + LEASE_SLACK_MS,
    LEASE_MS_MAX,
  )
  return { ...DEFAULT_SETTINGS, leaseMs }
}

function numberOf(
  name: string,
  text: string | undefined,
  byDefault: number,
  min: number,
  max: number,
): number {
  if (text === undefined) return byDefault
  const value = Number(text)
  if (!/^\d{1,9}$/.test(text) || value < min || value > max) {
    throw new EdgeConfigRefused([`${name} must be a whole number from ${min} to ${max}`])
  }
  return value
}

function tokenOf(token: string | undefined): string | undefined {
  if (token !== undefined && token.length < SECRET_LENGTH_MIN) {
    throw new EdgeConfigRefused([`ADMIN_TOKEN is shorter than ${SECRET_LENGTH_MIN} characters`])
  }
  return token
}

function levelOf(text = 'info'): LogLevel {
  const level = LOG_LEVELS.find(known => known === text)
  if (level === undefined) throw new EdgeConfigRefused([`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}`])
  return level
}
