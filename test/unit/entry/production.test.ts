import { Client } from 'pg'
import { describe, expect, it } from 'vitest'
import { startTarget } from '../../http/harness.ts'
import type { TargetOptions } from '../../http/target.ts'
import { freshDatabase } from '../../support/shared-services.ts'

const HOOK = `whsec_${Buffer.alloc(32, 1).toString('base64')}`

/** Why a gateway does not start in production, or that it does. */
async function startInProduction(
  options: TargetOptions,
  server: object = { production: true },
): Promise<string> {
  try {
    const target = await startTarget({
      ...options,
      change: config => {
        config['server'] = server
        options.change?.(config)
      },
    })
    await target.stop()
    return 'started'
  } catch (error) {
    return String(error)
  }
}

const withHook = (allowPrivate: boolean): TargetOptions => ({
  env: { HOOK },
  change: config => {
    Object.assign(config.tenants[0] ?? {}, {
      webhooks: [{ url: 'http://127.0.0.1:7100/hooks', secretEnv: 'HOOK', allowPrivate }],
    })
  },
})

describe('in production', () => {
  // config-key: server.production
  it('a journal that loses acknowledged writes is refused, and elsewhere only told', async () => {
    expect(await startInProduction({ databaseUrl: 'memory:' })).toContain('the journal is in memory')
    expect(await startInProduction({ databaseUrl: 'memory:' }, {})).toBe('started')
  })

  it('a PostgreSQL that does not wait for its disk is refused', async () => {
    const unsafe = new URL(await freshDatabase())
    expect(await startInProduction({ databaseUrl: unsafe.href })).toBe('started')
    const admin = new Client({ connectionString: unsafe.href })
    await admin.connect()
    await admin.query(`alter database ${unsafe.pathname.slice(1)} set synchronous_commit = off`)
    await admin.end()
    expect(await startInProduction({ databaseUrl: unsafe.href })).toContain('synchronous_commit is off')
  })

  it('is also what NODE_ENV says', async () => {
    const env = { NODE_ENV: 'production' }
    expect(await startInProduction({ databaseUrl: 'memory:', env }, {})).toContain('the journal is in memory')
  })

  it('events go to this machine only by an explicit word', async () => {
    expect(await startInProduction(withHook(false))).toContain('needs allowPrivate: true')
    expect(await startInProduction(withHook(false), {})).toBe('started')
    expect(await startInProduction(withHook(true), {})).toBe('started')
  })

  it('nothing goes wrong on purpose', async () => {
    const env = { FUNDROUTE_CRASH_AT: 'after-intent' }
    expect(await startInProduction({ env })).toContain('never for production')
  })
})
