import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTarget } from '../http/harness.ts'
import type { Target } from '../http/target.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/proxy.md'), 'utf8')

let target: Target
beforeAll(async () => {
  target = await startTarget({ keepCheckouts: true })
})
afterAll(() => target.stop())

/** What a reader pastes, for the gateway of this test. */
function pasted(): string[] {
  return [...PAGE.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, command]) =>
    (command as string)
      .replaceAll('http://127.0.0.1:8080', target.url)
      .replaceAll('sandbox_…', target.secret('checkout')),
  )
}

it('the requests of the page on the proxy answer what the page says', async () => {
  const run = promisify(execFile)
  const [pay, ask] = pasted() as [string, string]
  const { stdout: paid } = await run('bash', ['-c', pay])
  expect(paid).toMatch(/^HTTP\/1.1 200 OK/)
  expect(paid).toMatch(/^fundroute-route: card_a\r$/m)
  expect(paid).toMatch(/^fundroute-payment: pay_\w+\r$/m)
  expect(paid).toContain('"status":"approved"')
  const { stdout: asked } = await run('bash', ['-c', ask])
  expect(JSON.parse(asked)).toMatchObject({ status: 'approved' })
  const { body } = await target.api<{ payments: object[] }>('GET', '/v1/payments?orderId=shop-1')
  expect(body.payments).toMatchObject([{ status: 'succeeded', route: 'card_a' }])
})
