import { isLoopbackHost } from '../config/checks.ts'
import type { Config } from '../config/schema.ts'

export function isProduction(config: Config, env: Readonly<Record<string, string | undefined>>): boolean {
  return config.server.production || env['NODE_ENV'] === 'production'
}

/**
 * What a configuration may say while trying things out and not in production. Settings of the journal that can lose
 * acknowledged writes are told by the journal itself.
 */
export function unsafeInProduction(config: Config): string[] {
  return config.tenants.flatMap(({ id, webhooks }) =>
    webhooks
      .filter(({ url, allowPrivate }) => !allowPrivate && isLoopbackHost(new URL(url).hostname))
      .map(() => `tenant ${id} has a webhook on this machine; in production that needs allowPrivate: true`),
  )
}
