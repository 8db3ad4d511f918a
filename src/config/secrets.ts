import { formatPath } from './problem.ts'
import type { Config } from './schema.ts'

export const SECRET_LENGTH_MIN = 32

/** Where a configuration names a secret. */
export interface SecretReference {
  readonly env: string
  /** Signing secrets (`webhook`, `notification`) are base64, with `whsec_` before it or not; the others are tokens. */
  readonly kind: 'apiKey' | 'webhook' | 'notification' | 'token' | 'operator'
  /** Such as `tenants[0].apiKeys[0].secretEnv`. */
  readonly path: string
}

/** The secrets of one configuration. Prints and serialises as nothing, so that no dump can show them. */
export class Secrets {
  readonly #values: ReadonlyMap<string, string>

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values
  }

  /** The secret of an environment variable that the configuration names; any other name is a mistake. */
  get(env: string): string {
    const value = this.#values.get(env)
    if (value === undefined) throw new TypeError(`${env} is not a secret of this configuration`)
    return value
  }

  toJSON(): string {
    return '[secrets]'
  }
}

export type ResolvedSecrets =
  | { readonly ok: true; readonly secrets: Secrets }
  | { readonly ok: false; readonly problems: readonly string[] }

/**
 * Takes from the environment every secret that the configuration names, and nothing else. All problems are told at
 * once; none of them repeats a secret.
 */
export function resolveSecrets(
  config: Config,
  env: Readonly<Record<string, string | undefined>>,
): ResolvedSecrets {
  const references = secretReferences(config)
  const problems = references
    .filter(({ env: name }, index) => references.findIndex(other => other.env === name) === index)
    .flatMap(reference => problemWith(reference, env[reference.env]))
  problems.push(...sharedKeys(tenantKeys(config), env), ...sharedKeys(operatorTokens(config), env))
  if (problems.length > 0) return { ok: false, problems }
  return {
    ok: true,
    secrets: new Secrets(new Map(references.map(({ env: name }) => [name, env[name] ?? '']))),
  }
}

/** Every place where the configuration names a secret, in the order of the file. */
export function secretReferences(config: Config): SecretReference[] {
  const found: SecretReference[] = []
  const add = (kind: SecretReference['kind'], env: string | undefined, ...path: PropertyKey[]) => {
    if (env !== undefined) found.push({ env, kind, path: formatPath(path) })
  }
  for (const [i, tenant] of config.tenants.entries()) {
    for (const [j, key] of tenant.apiKeys.entries())
      add('apiKey', key.secretEnv, 'tenants', i, 'apiKeys', j, 'secretEnv')
    for (const [j, hook] of tenant.webhooks.entries()) {
      add('webhook', hook.secretEnv, 'tenants', i, 'webhooks', j, 'secretEnv')
      add('webhook', hook.previousSecretEnv, 'tenants', i, 'webhooks', j, 'previousSecretEnv')
    }
  }
  for (const [i, route] of config.routes.entries()) {
    add('token', route.connector.tokenEnv, 'routes', i, 'connector', 'tokenEnv')
    for (const [j, env] of route.connector.notificationSecretEnvs.entries()) {
      add('notification', env, 'routes', i, 'connector', 'notificationSecretEnvs', j)
    }
    add('token', route.eligibility?.tokenEnv, 'routes', i, 'eligibility', 'tokenEnv')
    for (const [j, source] of (route.credit?.sources ?? []).entries())
      add('token', source.tokenEnv, 'routes', i, 'credit', 'sources', j, 'tokenEnv')
  }
  add('operator', config.server.adminTokenEnv, 'server', 'adminTokenEnv')
  for (const [i, operator] of config.server.operators.entries())
    add('operator', operator.tokenEnv, 'server', 'operators', i, 'tokenEnv')
  return found
}

/** How to come by a secret that is missing. */
function remedyFor({ kind }: SecretReference): string {
  switch (kind) {
    case 'apiKey':
    case 'operator':
      return '`fundroute keys create` makes one'
    case 'webhook':
      return '`fundroute keys create --webhook` makes one'
    case 'notification':
      return 'it is what the upstream signs with; `fundroute keys create --webhook` makes one to agree on'
    case 'token':
      return 'who runs the service that is called gives it out'
  }
}

function problemWith(reference: SecretReference, value: string | undefined): string[] {
  const { env, path } = reference
  const signs = reference.kind === 'webhook' || reference.kind === 'notification'
  if (value === undefined || value === '') {
    return [`${env} (${path}) is not set; ${remedyFor(reference)}`]
  }
  if (value.length < SECRET_LENGTH_MIN) {
    return [`${env} (${path}) is shorter than ${SECRET_LENGTH_MIN} characters`]
  }
  if (!/^[\x21-\x7e]+$/.test(value)) {
    return [`${env} (${path}) has blanks or characters that no header can carry`]
  }
  if (signs && !/^(whsec_)?[A-Za-z0-9+/]+={0,2}$/.test(value)) {
    return [`${env} (${path}) is not base64; \`fundroute keys create --webhook\` makes a signing secret`]
  }
  return []
}

function tenantKeys(config: Config): string[] {
  return config.tenants.flatMap(({ apiKeys }) => apiKeys.map(({ secretEnv }) => secretEnv))
}

function operatorTokens({ server }: Config): string[] {
  const own = server.operators.map(({ tokenEnv }) => tokenEnv)
  return server.adminTokenEnv === undefined ? own : [...own, server.adminTokenEnv]
}

/**
 * Two keys with one secret could not be told apart: one tenant would act as the other, and one operator as two.
 */
function sharedKeys(names: readonly string[], env: Readonly<Record<string, string | undefined>>): string[] {
  const owners = new Map<string, string>()
  return names.flatMap(name => {
    const value = env[name]
    if (value === undefined || value === '') return []
    const owner = owners.get(value)
    owners.set(value, name)
    return owner === undefined ? [] : [`${name} and ${owner} hold the same secret; every key needs its own`]
  })
}
