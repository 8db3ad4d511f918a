import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { SANDBOX_ROUTES } from '../../src/sandbox/protocol.ts'
import { startSandbox } from '../../src/sandbox/start.ts'
import { exchange } from './exchange.ts'
import {
  type Call,
  type GatewayInputs,
  type KeyName,
  type RawConfig,
  SCOPES,
  type Target,
  type TargetOptions,
} from './target.ts'
import { SandboxControl } from './sandbox-control.ts'

const BUNDLED = join(import.meta.dirname, '../../src/config/sandbox.yaml')

/** One set for the whole run, so that a second target can go on where a first one stopped. */
const SECRETS: Readonly<Record<string, string>> = secrets()

export interface StartedGateway {
  readonly url: string
  readonly adminUrl: string
  /** Shown to the operators' paths. */
  readonly adminToken?: string
  stop(): Promise<void>
}

/** The bundled configuration with test keys, upstreams in this process, and a gateway on whichever runtime. */
export async function stageTarget(
  options: TargetOptions,
  start: (inputs: GatewayInputs) => Promise<StartedGateway>,
): Promise<Target> {
  const own = options.sandbox === undefined ? await startUpstreams() : undefined
  const sandbox = options.sandbox ?? (own as NonNullable<typeof own>).control
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'fundroute-http-'))
  const config = parse(bundledConfig(sandbox)) as RawConfig
  addTestKeys(config)
  // Tests change routes; those of the proxy bring checkouts of their own.
  if (options.keepCheckouts !== true) config.checkouts = []
  keepOrderOfRoutes(config)
  options.change?.(config)
  const env = { ...SECRETS, ...options.env }
  const inputs = { configText: JSON.stringify(config), dataDir, env }
  const gateway = await start(inputs).catch(async error => {
    await own?.close()
    throw error
  })
  await sandbox.tell(gateway.url)
  const secret = (key: KeyName) => SECRETS[envOf(key)] ?? ''
  const operator: Record<string, string> =
    gateway.adminToken === undefined ? {} : { authorization: `Bearer ${gateway.adminToken}` }
  return {
    url: gateway.url,
    adminUrl: gateway.adminUrl,
    sandbox,
    inputs,
    secret,
    notificationSecret: route => SECRETS[hookEnvOf(route)] ?? '',
    api: (method, path, call = {}) =>
      exchange(`${gateway.url}${path}`, { method, ...requestOf(call, secret) }),
    admin: (method, path, body) =>
      exchange(`${gateway.adminUrl}${path}`, { method, ...jsonOf(body, operator) }),
    stop: async ({ keepData = false, keepSandbox = false } = {}) => {
      await gateway.stop()
      if (!keepSandbox) await own?.close()
      if (!keepData) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function startUpstreams() {
  const sandbox = await startSandbox({
    ports: 0,
    notificationSecrets: Object.fromEntries(SANDBOX_ROUTES.map(id => [id, SECRETS[hookEnvOf(id)] ?? ''])),
    tokens: { jd_baitiao: SECRETS.BAITIAO_TOKEN ?? '' },
  })
  return { control: new SandboxControl(sandbox.control, sandbox.routes), close: () => sandbox.close() }
}

function bundledConfig({ routes }: SandboxControl): string {
  let text = readFileSync(BUNDLED, 'utf8')
  SANDBOX_ROUTES.forEach((id, i) => {
    const address = routes.find(route => route.id === id)?.baseUrl ?? ''
    text = text.replaceAll(`http://127.0.0.1:${7001 + i}`, address)
  })
  return text
}

/** A busy machine teaches latency, and exploring draws lots: neither may decide which route a test meets first. */
function keepOrderOfRoutes({ policy }: RawConfig): void {
  const economics = policy['economics'] as object
  Object.assign(economics, { abandonmentPerSecond: 0 })
  Object.assign(policy, { exploration: { shareMax: 0 } })
}

/** A second tenant, and for every scope a key that has no other. */
function addTestKeys(config: RawConfig): void {
  const [demo] = config.tenants as { apiKeys: object[] }[]
  for (const scope of SCOPES) {
    const id = `only-${scope.toLowerCase()}` as KeyName
    demo?.apiKeys.push({ id, secretEnv: envOf(id), scopes: [scope] })
  }
  config.tenants.push({
    id: 'other',
    apiKeys: [{ id: 'stranger', secretEnv: envOf('stranger'), scopes: [...SCOPES] }],
  })
}

function envOf(key: KeyName): string {
  if (key === 'checkout') return 'DEMO_API_KEY'
  if (key === 'shop') return 'DEMO_SHOP_API_KEY'
  return `KEY_${key.toUpperCase().replaceAll('-', '_')}`
}

function hookEnvOf(route: string): string {
  return `${route === 'jd_baitiao' ? 'BAITIAO' : route.toUpperCase()}_HOOK_SECRET`
}

function secrets(): Record<string, string> {
  const keys: KeyName[] = [
    'checkout',
    'shop',
    'stranger',
    ...SCOPES.map(scope => `only-${scope.toLowerCase()}` as KeyName),
  ]
  return {
    ...Object.fromEntries(keys.map(key => [envOf(key), `test_${key}_${randomBytes(24).toString('hex')}`])),
    ...Object.fromEntries(
      SANDBOX_ROUTES.map(id => [hookEnvOf(id), `whsec_${randomBytes(32).toString('base64')}`]),
    ),
    BAITIAO_TOKEN: `test_token_${randomBytes(24).toString('hex')}`,
  }
}

function requestOf(
  { key = 'checkout', body, raw, headers = {} }: Call,
  secret: (key: KeyName) => string,
): RequestInit {
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const all: Record<string, string | undefined> = {
    ...(key === null ? {} : { authorization: `Bearer ${secret(key)}` }),
    ...(content === undefined ? {} : { 'content-type': 'application/json' }),
    ...headers,
  }
  const sent = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { headers: sent, ...(content === undefined ? {} : { body: content as string }) }
}

function jsonOf(body: unknown, headers: Readonly<Record<string, string>>): RequestInit {
  if (body === undefined) return { headers }
  return { body: JSON.stringify(body), headers: { ...headers, 'content-type': 'application/json' } }
}
