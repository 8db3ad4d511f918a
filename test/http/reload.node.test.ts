import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from './proxied.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
const KEY = 'reload_key_of_at_least_32_characters_long'
const folder = mkdtempSync(join(tmpdir(), 'fundroute-reload-'))
const file = join(folder, 'fundroute.yaml')

function configWith(route: string, extra = ''): string {
  return `version: 1
tenants: [{ id: demo, apiKeys: [{ id: all, secretEnv: RELOAD_KEY, scopes: [decide, explain] }] }]
routes:
  - id: ${route}
    tender: card
    connector: { type: http, baseUrl: "http://127.0.0.1:9", timeoutMs: 1000 }
    capability: { channels: [app], currencies: [CNY], amount: { max: 1000 }, queryable: true }
${extra}`
}

/** As editors do: whole, under another name, and then in the place of the old one. */
function save(text: string): void {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}

let child: ChildProcess
let url = ''
let printed = ''

beforeAll(async () => {
  save(configWith('first'))
  child = spawn(
    process.execPath,
    [MAIN, 'serve', '--config', file, '--data', folder, '--port', '0', '--admin-port', '0'],
    { env: { ...process.env, RELOAD_KEY: KEY, LOG_LEVEL: 'silent' }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
  }
  await until(() => /API +http:\S+/.test(printed), 20_000)
  url = /API +(http:\S+)/.exec(printed)?.[1] ?? ''
})

afterAll(async () => {
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  await exited
  rmSync(folder, { recursive: true, force: true })
})

async function route(): Promise<string | undefined> {
  const response = await fetch(`${url}/v1/decisions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      orderId: 'o-1',
      amount: { currency: 'CNY', value: 100 },
      channel: 'app',
      payer: { id: 'u-1' },
      funding: { accept: [{ tender: 'card' }] },
    }),
  })
  return ((await response.json()) as { candidates?: { route: string }[] }).candidates?.[0]?.route
}

describe('a running gateway whose file is changed', () => {
  it('serves the new configuration, and says what has changed', async () => {
    save(configWith('second'))
    await until(async () => (await route()) === 'second', 10_000)
    expect(printed).toMatch(/configuration [0-9a-f]{16}:/)
    expect(printed).toContain('routes[second]')
  })

  it('goes on with the old one when the new one is wrong, and says where', async () => {
    save(configWith('third', 'polcy: {}'))
    await until(() => printed.includes('the configuration stays as it is'), 10_000)
    expect(printed).toMatch(/fundroute\.yaml:\d+:\d+: error: polcy/)
    expect(await route()).toBe('second')
  })

  it('reads it again on SIGHUP', async () => {
    const before = printed.length
    child.kill('SIGHUP')
    await until(() => printed.slice(before).includes('the configuration stays as it is'), 10_000)
    expect(await route()).toBe('second')
    expect(child.exitCode).toBeNull()
  })
})
