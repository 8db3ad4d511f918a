import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../../src/sandbox/start.ts'

const run = promisify(execFile)
const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts')
const dir = mkdtempSync(join(tmpdir(), 'fundroute-doctor-'))
let sandbox: Sandbox

interface Finding {
  what: string
  state: string
}

async function cli(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ status: number; stdout: string }> {
  const options = { env: { PATH: process.env['PATH'], DOCTOR_KEY: 'k'.repeat(40), ...env } }
  try {
    return { status: 0, stdout: (await run(process.execPath, [MAIN, ...args], options)).stdout }
  } catch (error) {
    const { code, stdout } = error as { code: number; stdout: string }
    return { status: code, stdout }
  }
}

function configFile(name: string, baseUrl: string): string {
  const file = join(dir, name)
  writeFileSync(
    file,
    `version: 1
tenants: [{ id: demo, apiKeys: [{ id: all, secretEnv: DOCTOR_KEY, scopes: [pay] }] }]
routes:
  - id: card_a
    tender: card
    connector: { type: http, baseUrl: "${baseUrl}", timeoutMs: 1000 }
    capability: { channels: [app], currencies: [CNY], amount: { max: 1000 }, queryable: true }
`,
  )
  return file
}

beforeAll(async () => {
  sandbox = await startSandbox({ ports: 0 })
})

afterAll(async () => {
  await sandbox.close()
  rmSync(dir, { recursive: true, force: true })
})

describe('fundroute doctor', () => {
  it('finds nothing to mend where Redis, journal and upstreams answer', async () => {
    const file = configFile('good.yaml', sandbox.routes[1]?.baseUrl ?? '')
    const data = join(dir, 'not-there-yet')
    const { status, stdout } = await cli(['doctor', '--config', file, '--data', data, '--json'], {
      REDIS_URL: inject('redisUrl'),
    })
    const findings = JSON.parse(stdout) as Finding[]
    expect(findings.filter(({ state }) => state === 'error')).toEqual([])
    expect(findings.map(({ what }) => what)).toEqual(
      expect.arrayContaining([
        'Node',
        'Redis latency',
        'Redis maxmemory-policy',
        'journal',
        'upstream of card_a',
      ]),
    )
    // The policy of a Redis out of the box is noeviction, which is worth a warning and so a status of 1.
    expect(status).toBe(findings.some(({ state }) => state !== 'ok') ? 1 : 0)
  })

  it('finds nothing to mend in the sandbox, which brings its own secrets and upstreams', async () => {
    const { status, stdout } = await cli(['doctor', '--data', join(dir, 'sandbox')])
    expect(stdout).toMatch(/^ok {4}configuration: the bundled sandbox/m)
    expect(status).toBe(0)
  })

  it('names an upstream that does not answer, and a Redis that does not', async () => {
    const file = configFile('dead.yaml', 'http://127.0.0.1:9')
    const { status, stdout } = await cli(['doctor', '--config', file, '--data', dir, '--json'], {
      REDIS_URL: 'redis://127.0.0.1:9',
    })
    const broken = (JSON.parse(stdout) as Finding[]).filter(({ state }) => state === 'error')
    expect(status).toBe(1)
    expect(broken.map(({ what }) => what)).toEqual(['Redis', 'upstream of card_a'])
  })
})

describe('fundroute check --online', () => {
  it('dials what the configuration names, and only when asked to', async () => {
    const file = configFile('offline.yaml', 'http://127.0.0.1:9')
    expect((await cli(['check', file])).status).toBe(0)
    const dialled = await cli(['check', file, '--online'])
    expect(dialled.status).toBe(1)
    expect(dialled.stdout).toContain('upstream of card_a')
  })
})
