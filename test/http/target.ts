import type { Answer } from './exchange.ts'
import type { SandboxControl } from './sandbox-control.ts'

/** Keys of a target by name; `stranger` belongs to another tenant. The `only-` keys have one scope each. */
export const SCOPES = [
  'quote',
  'decide',
  'outcome',
  'pay',
  'refund',
  'read',
  'creditReasons',
  'explain',
  'credit',
] as const
export type ScopeName = (typeof SCOPES)[number]
export type KeyName = 'checkout' | 'shop' | 'stranger' | `only-${Lowercase<ScopeName>}`

/** The parsed configuration, as plain as YAML gives it. */
export type RawConfig = Record<string, unknown> & {
  tenants: Record<string, unknown>[]
  policy: Record<string, unknown> & { rules: object[] }
  routes: (Record<string, unknown> & {
    id: string
    connector: Record<string, unknown>
    capability: Record<string, unknown>
  })[]
}

export interface TargetOptions {
  /** Changes the bundled configuration before the gateway starts with it. */
  readonly change?: (config: RawConfig) => void
  /** Leaves the checkouts of the bundled configuration in. */
  readonly keepCheckouts?: boolean
  /** Further secrets, for what the test adds to the configuration. */
  readonly env?: Readonly<Record<string, string>>
  /** SQLite when absent. */
  readonly databaseUrl?: string
  readonly redisUrl?: string
  /** Of the journal and nothing else; kept by `stop({ keepData: true })`, so that a second target can go on with it. */
  readonly dataDir?: string
  /** Upstreams of another target, which then are not stopped with this one. */
  readonly sandbox?: SandboxControl
}

export interface Call {
  /** `null` sends no key. Default: checkout. */
  readonly key?: KeyName | null
  readonly body?: unknown
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Uint8Array
  /** Header by name; undefined leaves a default one out. */
  readonly headers?: Readonly<Record<string, string | undefined>>
}

/** What a runtime starts the gateway with. */
export interface GatewayInputs {
  readonly configText: string
  readonly dataDir: string
  readonly env: Readonly<Record<string, string>>
}

/** A gateway under test with upstreams of its own. Tests know nothing else of the runtime that it runs on. */
export interface Target {
  readonly url: string
  /** The operators' listener. */
  readonly adminUrl: string
  readonly sandbox: SandboxControl
  /** For commands that work on the same data. */
  readonly inputs: GatewayInputs
  /** The secret of a key. */
  secret(key: KeyName): string
  /** Signs like the upstream of a route: Standard Webhooks. */
  notificationSecret(route: string): string
  api<T = Record<string, unknown>>(method: string, path: string, call?: Call): Promise<Answer<T>>
  admin<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<Answer<T>>
  /** On Workers it is killed, as there is nothing to drain; kept data and upstreams serve a second target. */
  stop(options?: { readonly keepData?: boolean; readonly keepSandbox?: boolean }): Promise<void>
}
