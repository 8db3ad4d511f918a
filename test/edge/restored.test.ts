import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { contextOf, inFixedOrder, pay, type ProblemView } from '../http/payments.ts'
import type { Target } from '../http/target.ts'
import { startWorkerTarget } from '../http/worker-target.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'fundroute-restored-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

const STATE = join(dataDir, 'objects/StateCore')
const COPY = join(dataDir, 'copy')

it('an object that was put back to an earlier time holds sends by itself', { timeout: 90_000 }, async () => {
  const first = await startWorkerTarget({ change: inFixedOrder, dataDir })
  const start = () => startWorkerTarget({ change: inFixedOrder, dataDir, sandbox: first.sandbox })
  const kill = (target: Target) => target.stop({ keepData: true, keepSandbox: true })
  const noted = async (target: Target, position: number) =>
    expect
      .poll(
        async () => (await target.admin<{ position: number }>('GET', '/admin/v1/recovery')).body.position,
        {
          timeout: 20_000,
          interval: 200,
        },
      )
      .toBeGreaterThanOrEqual(position)
  expect((await pay(first, contextOf())).body.status).toBe('succeeded')
  await noted(first, 2)
  await kill(first)
  cpSync(STATE, COPY, { recursive: true })

  const second = await start()
  const forgotten = contextOf()
  expect((await pay(second, forgotten)).body.status).toBe('succeeded')
  await noted(second, 3)
  await kill(second)
  rmSync(STATE, { recursive: true })
  cpSync(COPY, STATE, { recursive: true })

  const third = await start()
  const again = await pay<ProblemView>(third, forgotten)
  expect([again.status, again.body.code]).toEqual([503, 'recovering'])
  expect(await first.sandbox.ledger(forgotten.orderId)).toEqual(['card_a charged 129900'])
  await kill(third)
  await first.stop()
})
