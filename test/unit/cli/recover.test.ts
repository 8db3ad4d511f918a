import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts')

function fundroute(args: readonly string[], env: Record<string, string> = {}): Promise<[number, string]> {
  return new Promise(resolve => {
    const options = { env: { PATH: process.env['PATH'] ?? '', ...env }, timeout: 15_000 }
    execFile(process.execPath, [MAIN, ...args], options, (error, out, err) => {
      resolve([typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out + err])
    })
  })
}

describe('fundroute recover', () => {
  it('takes one step at a time, with a time that means the same everywhere', async () => {
    const [help, local, two, none] = await Promise.all([
      fundroute(['recover', '--help']),
      fundroute(['recover', '--since', '2026-06-01 02:00']),
      fundroute(['recover', '--since', '2026-06-01T02:00:00Z', '--release']),
      fundroute(['recover', '--records', '/no/such/file.csv']),
    ])
    expect(help).toEqual([0, expect.stringContaining('--covers')])
    expect(local).toEqual([2, expect.stringContaining('is no time with its zone')])
    expect(two).toEqual([2, expect.stringContaining('one step at a time')])
    expect(none).toEqual([2, expect.stringContaining('cannot read /no/such/file.csv')])
  })
})

describe('fundroute serve in production', () => {
  it('does not play with the sandbox', async () => {
    const played = await fundroute(['serve', '--port', '0', '--admin-port', '0'], { NODE_ENV: 'production' })
    expect(played).toEqual([2, expect.stringContaining('a configuration of your own')])
  })
})
