import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { sampleInput } from '../../support/sample-config.ts'

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'fundroute-cli-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Ran {
  readonly status: number
  readonly out: string
  readonly err: string
}

function fundroute(args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  return new Promise(resolve => {
    const options = { env: { PATH: process.env['PATH'] ?? '', ...env }, timeout: 15_000 }
    execFile(process.execPath, [MAIN, ...args], options, (error, out, err) => {
      resolve({ status: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err })
    })
  })
}

function file(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

const good = file('good.yaml', JSON.stringify(sampleInput()))
const bad = file('bad.yaml', 'version: 1\nroute: []\n')

describe('the command line', () => {
  it('lists its commands, and tells a misuse from a finding by the exit status', async () => {
    const [help, none, unknown, option, found] = await Promise.all([
      fundroute(['--help']),
      fundroute([]),
      fundroute(['fly']),
      fundroute(['check', '--fly']),
      fundroute(['check', bad]),
    ])
    expect(help).toMatchObject({ status: 0, err: '' })
    expect(help.out).toMatch(/check .*\n.*schema .*\n.*keys create /)
    expect(none.status).toBe(2)
    expect(unknown).toMatchObject({
      status: 2,
      out: '',
      err: 'fundroute: there is no command "fly"; see fundroute --help\n',
    })
    expect(option.status).toBe(2)
    expect(found.status).toBe(1)
  })

  it('helps with every command that it lists', async () => {
    const { out } = await fundroute(['--help'])
    const commands = [...out.matchAll(/^ {2}([a-z]+(?: [a-z]+)?) {2}/gm)].map(match =>
      (match[1] ?? '').split(' '),
    )
    expect(commands.length).toBeGreaterThanOrEqual(3)
    const helps = await Promise.all(
      commands.map(async command => ({ command, help: await fundroute([...command, '--help']) })),
    )
    for (const { command, help } of helps) {
      expect(help, command.join(' ')).toMatchObject({ status: 0, err: '' })
      expect(help.out).toContain(`fundroute ${command.join(' ')}`)
    }
  }, 60_000)
})

describe('fundroute check', () => {
  it('tells what it found, for people and for programs', async () => {
    const [text, json] = await Promise.all([fundroute(['check', good]), fundroute(['check', good, '--json'])])
    expect(text.out).toMatch(/good\.yaml: version [0-9a-f]{16}, 1 tenant\(s\), 3 route\(s\)/)
    expect(text.status).toBe(0)
    expect(JSON.parse(json.out)).toMatchObject({ ok: true, file: good, problems: [] })
    const wrong = await fundroute(['check', bad, '--json'])
    expect(wrong.status).toBe(1)
    expect(JSON.parse(wrong.out)).toMatchObject({ ok: false })
    expect(JSON.parse(wrong.out).problems).toContainEqual({
      severity: 'error',
      file: bad,
      line: 2,
      column: 1,
      path: 'route',
      message: 'unknown key',
    })
  })

  it('takes the file from the environment, and the sandbox configuration without one', async () => {
    const [named, bundled] = await Promise.all([
      fundroute(['check'], { FUNDROUTE_CONFIG: bad }),
      fundroute(['check']),
    ])
    expect(named.status).toBe(1)
    expect(bundled.out).toContain('sandbox.yaml: version')
    expect(bundled.status).toBe(0)
  })

  it('looks for secrets when asked, and shows none', async () => {
    const missing = await fundroute(['check', good, '--secrets'])
    expect(missing.status).toBe(1)
    expect(missing.out).toContain('DEMO_API_KEY (tenants[0].apiKeys[0].secretEnv) is not set')
    const secret = 'k'.repeat(40)
    const set = await fundroute(['check', good, '--secrets', '--json'], { DEMO_API_KEY: secret })
    expect(set.status).toBe(0)
    expect(set.out + set.err).not.toContain(secret)
  })

  it('tells what would change', async () => {
    const changed = file('changed.yaml', JSON.stringify({ ...sampleInput(), policy: { attemptsMax: 2 } }))
    expect((await fundroute(['check', changed, '--against', good])).out).toContain(
      '~ policy.attemptsMax: 3 -> 2',
    )
    expect((await fundroute(['check', good, '--against', good])).out).toContain('nothing changes')
  })

  it('treats a file that it cannot read as misuse', async () => {
    const gone = await fundroute(['check', join(folder, 'gone.yaml')])
    expect(gone).toMatchObject({ status: 2, out: '' })
    expect(gone.err).toContain('(ENOENT)')
  })
})

describe('fundroute schema', () => {
  it('prints a JSON Schema that knows every key as strictly as the gateway', async () => {
    const { status, out } = await fundroute(['schema'])
    expect(status).toBe(0)
    const schema = JSON.parse(out)
    expect(schema).toMatchObject({ title: 'fundroute configuration', additionalProperties: false })
    expect(schema.required).toEqual(['version', 'tenants', 'routes'])
    expect(schema.properties.routes.items.properties.cost.properties.fixed).toMatchObject({
      type: 'integer',
      minimum: 0,
    })
  })
})

describe('fundroute keys create', () => {
  it('makes a key of 256 bits with its id in it, another one every time', async () => {
    const [one, two, json, signing] = await Promise.all([
      fundroute(['keys', 'create', '--id', 'checkout']),
      fundroute(['keys', 'create', '--id', 'checkout']),
      fundroute(['keys', 'create', '--json']),
      fundroute(['keys', 'create', '--webhook']),
    ])
    expect(one.out).toMatch(/^fr_checkout_[0-9a-f]{64}\n$/)
    expect(two.out).not.toBe(one.out)
    const { id, secret } = JSON.parse(json.out)
    expect(secret).toMatch(new RegExp(`^fr_${id}_[0-9a-f]{64}$`))
    expect(Buffer.from(signing.out.trim().replace('whsec_', ''), 'base64')).toHaveLength(32)
  })

  it.each(['A', 'a_b', '', 'x'.repeat(33)])('refuses the id %j', async id => {
    expect((await fundroute(['keys', 'create', '--id', id])).status).toBe(2)
  })
})
