import { FetchClient } from '../adapters/http-client/fetch.ts'
import { LOG_LEVELS, type LogLevel } from '../adapters/telemetry/log-lines.ts'
import { loadConfig } from '../config/load.ts'
import { formatProblem } from '../config/problem.ts'
import { resolveSecrets, SECRET_LENGTH_MIN } from '../config/secrets.ts'
import type { Clock } from '../ports/clock.ts'
import { HttpOutside } from './outside.ts'
import { buildGeneration, type Generation } from './runtime.ts'
import { Shards, SHARDS_MAX } from './shards.ts'

/** What a deployment sets besides the secrets that its configuration names. All are text. */
export interface EdgeVariables {
  /** The configuration itself, in place of the bundled file. */
  readonly FUNDROUTE_CONFIG_TEXT?: string
  readonly REDIS_URL?: string
  /** Opens `/metrics` and `/admin/v1/*`, unless the configuration names another token in `server.adminTokenEnv`. */
  readonly ADMIN_TOKEN?: string
  /** Shards per tenant; never changed while there are payments. */
  readonly SHARDS_PER_TENANT?: string
  readonly LOG_LEVEL?: string
}

/** What both halves of the gateway on Workers - the Worker and its objects - make of the same bindings. */
export interface EdgeConfig {
  readonly generation: Generation
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
  const shards = new Shards(shardsOf(variables.SHARDS_PER_TENANT))
  return {
    generation: built(() => buildGeneration(config, version, resolved.secrets, outside)),
    shards,
    logLevel: levelOf(variables.LOG_LEVEL),
    ...(variables.REDIS_URL === undefined ? {} : { redisUrl: variables.REDIS_URL }),
    ...(adminToken === undefined ? {} : { adminToken }),
  }
}

/** What needs files - a scorecard, a connector of one's own - cannot be built here. */
function built(build: () => Generation): Generation {
  try {
    return build()
  } catch (error) {
    throw error instanceof TypeError ? new EdgeConfigRefused([error.message]) : error
  }
}

function textsOf(bindings: Readonly<Record<string, unknown>>): Record<string, string> {
  const texts = Object.entries(bindings).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1] !== '',
  )
  return Object.fromEntries(texts)
}

function shardsOf(text = '1'): number {
  const count = Number(text)
  if (!/^\d{1,3}$/.test(text) || count < 1 || count > SHARDS_MAX) {
    throw new EdgeConfigRefused([`SHARDS_PER_TENANT must be a whole number from 1 to ${SHARDS_MAX}`])
  }
  return count
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
