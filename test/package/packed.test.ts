import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')
const project = mkdtempSync(join(tmpdir(), 'fundroute-package-'))
const bin = join(project, 'node_modules/.bin/fundroute')

/** Packs, and installs what was packed into an empty project, as a user would. */
beforeAll(async () => {
  await run(process.execPath, ['scripts/pack.ts'], { cwd: ROOT })
  const { stdout } = await run('npm', ['pack', './dist/package', '--pack-destination', project, '--json'], {
    cwd: ROOT,
  })
  const [packed] = JSON.parse(stdout) as { filename: string }[]
  writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}')
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline', '--loglevel=error']
  await run('npm', ['install', ...options, `./${packed?.filename}`], { cwd: project })
}, 120_000)

afterAll(() => rmSync(project, { recursive: true, force: true }))

describe('the package, installed into an empty project', () => {
  it('leaves out what only development needs', () => {
    const manifest = readFileSync(join(project, 'node_modules/fundroute/package.json'), 'utf8')
    expect(manifest).not.toMatch(/node-linux|devDependencies|workspaces|"private"/)
  })

  it('has what its exports name, with types', () => {
    const folder = join(project, 'node_modules/fundroute')
    const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      exports: Record<string, { types: string; default: string }>
    }
    expect(Object.keys(exports)).toEqual(['./core', './client', './connector', './connector-module'])
    for (const { types, default: code } of Object.values(exports)) {
      expect([types, code].filter(file => !existsSync(join(folder, file)))).toEqual([])
    }
  })

  it('has the commands', async () => {
    const { stdout } = await run(process.execPath, [bin, 'schema'])
    expect(JSON.parse(stdout)).toMatchObject({ type: 'object' })
    await run(process.execPath, [bin, 'check'])
  })

  it('exports the pure core and the client', async () => {
    const script = `
      import { sequenceValue } from 'fundroute/core'
      import { createClient } from 'fundroute/client'
      console.log(sequenceValue([{ id: 'a', gain: 2, continuation: 0.5 }, { id: 'b', gain: 4, continuation: 0 }]))
      console.log(typeof createClient({ baseUrl: 'http://127.0.0.1', key: 'k' }).POST)`
    writeFileSync(join(project, 'use.js'), script)
    const { stdout } = await run(process.execPath, ['use.js'], { cwd: project })
    expect(stdout).toBe('4\nfunction\n')
  })

  it('starts, pays and stops', async () => {
    const args = [bin, 'serve', '--port', '0', '--admin-port', '0', '--data', join(project, 'data')]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      let url = ''
      let key = ''
      for await (const line of createInterface({ input: child.stdout })) {
        url ||= line.match(/API +(http:\S+)/)?.[1] ?? ''
        key ||= line.match(/API key +(\S+)/)?.[1] ?? ''
        if (line.includes('docs/sandbox.md')) break
      }
      const answer = await fetch(`${url}/v1/payments`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          'idempotency-key': 'packed-1',
        },
        body: JSON.stringify({
          orderId: 'packed-1',
          amount: { currency: 'CNY', value: 129_900 },
          channel: 'app',
          payer: { id: 'u-1' },
          funding: { accept: [{ tender: 'card' }] },
        }),
      })
      expect(await answer.json()).toMatchObject({ status: 'succeeded' })
    } finally {
      child.kill('SIGTERM')
    }
    const [status] = (await once(child, 'exit')) as [number]
    expect(status).toBe(0)
  })
})
