import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sandbox } from '../../src/sandbox/start.ts'
import { call, clientOf, cny, order } from './client.ts'

const program = `
  import { sandbox } from ${JSON.stringify(join(import.meta.dirname, '../../src/cli/sandbox.ts'))}
  process.exitCode = await sandbox(process.argv.slice(1))
`

let folder: string
let children: ChildProcess[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fundroute-sandbox-'))
  children = []
})
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

function run(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', program, '--', ...args])
  children.push(child)
  return child
}

async function ready(child: ChildProcess): Promise<Sandbox> {
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  const { ready: isReady, control, routes } = JSON.parse(line.toString())
  expect(isReady).toBe(true)
  return { control, routes } as Sandbox
}

function portsOf({ routes, control }: Sandbox): string {
  return [...routes.map(({ baseUrl }) => baseUrl), control].map(url => new URL(url).port).join(',')
}

describe('the sandbox as a process of its own', () => {
  it('answers after kill -9 for what it had charged, at the same addresses', async () => {
    const file = join(folder, 'ledger.jsonl')
    const first = run('--ports', '0', '--ledger', file)
    const before = await ready(first)
    const card = clientOf(before, 'card_a')
    const [paid, undone, held, buried] = [order(), order(), order({ capture: 'manual' }), order()]
    for (const request of [paid, undone, held]) await card.pay(request)
    await card.refund(paid.reference, 'r1', 900)
    await card.cancel(undone.reference, 'void')
    await card.capture(held.reference, 100)
    const last = { amount: cny(50), captureReference: 'c2', final: true }
    await call('POST', `${card.baseUrl}/payments/${held.reference}/capture`, last)
    await card.cancel(buried.reference, 'close')
    await clientOf(before, 'jd_baitiao').pay(order({ payer: 'u-borrower', amount: cny(1_000_000) }))
    first.kill('SIGKILL')
    await once(first, 'exit')
    // What a crash in the middle of a write leaves behind.
    appendFileSync(file, '{"seq":99,"kind":"char')

    const after = await ready(run('--ports', portsOf(before), '--ledger', file))
    const again = clientOf(after, 'card_a')
    expect(again.baseUrl).toBe(card.baseUrl)
    expect((await again.pay(paid)).body.status).toBe('approved')
    expect((await again.query(undone.reference)).body.declineCode).toBe('canceled')
    expect((await again.query(held.reference)).body).toMatchObject({
      status: 'approved',
      capturedAmount: cny(150),
    })
    expect((await again.capture(held.reference, 1)).body.declineCode).toBe('not_authorized')
    expect((await again.refund(paid.reference, 'r1', 900)).body.status).toBe('approved')
    expect((await again.pay(buried)).body.declineCode).toBe('canceled')
    expect(await again.ledger(paid.reference)).toEqual(['charged 129900', 'refunded 900'])
    const { baseUrl } = clientOf(after, 'jd_baitiao')
    const facts = await call('GET', `${baseUrl}/eligibility?payer=u-borrower&currency=CNY`)
    expect(facts.body.availableCredit).toBe(4_000_000)
    const sequence = readFileSync(file, 'utf8').trimEnd().split('\n')
    expect(sequence.map(line => JSON.parse(line).seq)).toEqual(sequence.map((_, index) => index + 1))
  })

  it('ends with status 0 on SIGTERM, also with a request that hangs', async () => {
    const child = run('--ports', '0')
    const card = clientOf(await ready(child), 'card_a')
    const hanging = card.pay(order({ metadata: { sandbox: 'timeout_absent' } })).catch(() => 'cut off')
    await new Promise(resolve => setTimeout(resolve, 100))
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await hanging).toBe('cut off')
  })

  it.each([
    ['--ports', 'many'],
    ['--ports', '1,2'],
    ['--ports', '65535'],
    ['--gateway', 'ftp://x'],
    ['--colour'],
  ])('takes %s %s for misuse: status 2 and the help text', async (...args) => {
    const child = run(...args.filter(arg => arg !== undefined))
    const text = child.stderr?.toArray()
    expect((await once(child, 'exit'))[0]).toBe(2)
    expect(String(await text)).toContain('Usage: fundroute sandbox')
  })

  it('ends with status 1 when a port is taken', async () => {
    const taken = await ready(run('--ports', '0'))
    const child = run('--ports', portsOf(taken))
    const text = child.stderr?.toArray()
    expect((await once(child, 'exit'))[0]).toBe(1)
    expect(String(await text)).toContain('EADDRINUSE')
  })
})
