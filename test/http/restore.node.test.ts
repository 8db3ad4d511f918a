import { execFile } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { LedgerRecord } from '../../src/sandbox/ledger.ts'
import { SANDBOX_ROUTES } from '../../src/sandbox/protocol.ts'
import { freshDatabase } from '../support/shared-services.ts'
import { exchange } from './exchange.ts'
import { startTarget } from './harness.ts'
import {
  type ContextBody,
  contextOf,
  inFixedOrder,
  operate,
  pay,
  paymentNow,
  type PaymentView,
  type ProblemView,
} from './payments.ts'
import type { RawConfig, Target } from './target.ts'

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts')
const folder = mkdtempSync(join(tmpdir(), 'fundroute-restore-'))
const dataDir = join(folder, 'data')
const configFile = join(folder, 'config.json')
/** Of PostgreSQL, once that is what is restored. */
let databaseUrl = ''
/** Keeps the upstreams for the gateways that come and go. */
let stage: Target
let gateway: Target

beforeAll(async () => {
  stage = await startTarget()
})
afterAll(async () => {
  await gateway.stop().catch(() => undefined)
  await stage.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** Upstreams that keep nothing long under way, so that the wait before a release is short. */
function quick(config: RawConfig): void {
  inFixedOrder(config)
  for (const route of config.routes) {
    Object.assign(route.connector, { timeoutMs: 2_000 })
    Object.assign(route.capability, { settleWindowMs: 200 })
  }
}

async function start(): Promise<void> {
  gateway = await startTarget({ dataDir, sandbox: stage.sandbox, change: quick })
}

/** Pays, and waits for the end where the machine is too busy to tell at once. */
async function payToTheEnd(context: ContextBody): Promise<PaymentView> {
  const { body } = await pay(gateway, context)
  await expect
    .poll(async () => (await paymentNow(gateway, body.id)).status, { timeout: 30_000, interval: 100 })
    .toBe('succeeded')
  return body
}

interface Report {
  readonly recovery?: { readonly phase: string }
  readonly open: number
  readonly joined: Record<string, number>
  readonly waiting: readonly { readonly reason: string; readonly record: { orderId: string } }[]
  readonly missing: readonly string[]
}

/** `fundroute recover` on the data of the gateway, as a process of its own. */
function recover(...args: string[]): Promise<{ status: number; report: Report; told: string }> {
  const env = { ...gateway.inputs.env, ...(databaseUrl === '' ? {} : { DATABASE_URL: databaseUrl }) }
  const all = [MAIN, 'recover', '--config', configFile, '--data', dataDir, '--json', ...args]
  return new Promise(resolve => {
    execFile(process.execPath, all, { env: { ...env, PATH: process.env.PATH } }, (error, stdout, stderr) => {
      const report = (stdout === '' ? {} : JSON.parse(stdout)) as Report
      resolve({ status: error === null ? 0 : Number(error.code), report, told: stderr })
    })
  })
}

/** What the upstreams did for some orders, as their settlement files would tell it. */
async function records(orders: readonly string[]): Promise<string> {
  const found = await Promise.all(
    orders.map(orderId =>
      exchange<{ records: LedgerRecord[] }>(`${stage.sandbox.url}/ledger?orderId=${orderId}`, {}),
    ),
  )
  const status = { charged: 'approved', authorized: 'authorized', refunded: 'refunded', voided: 'canceled' }
  const rows = found
    .flatMap(({ body }) => body.records)
    .map(({ route, reference, orderId, kind, currency, value, refundReference = '' }) =>
      [
        route,
        reference,
        orderId,
        (status as Record<string, string>)[kind],
        currency,
        value,
        refundReference,
      ].join(),
    )
  return ['route,reference,orderId,status,currency,value,operationReference', ...rows].join('\n')
}

describe('a journal that was restored from an older backup', () => {
  const before = { ...contextOf(), orderId: 'restore-before' }
  const pending = { ...contextOf({ metadata: { sandbox: 'timeout_approved' } }), orderId: 'restore-pending' }
  const lost = { ...contextOf(), orderId: 'restore-lost' }
  let backup = ''
  let since = ''
  let paid: PaymentView

  it('is a whole copy, made while payments go on', { timeout: 120_000 }, async () => {
    await start()
    paid = await payToTheEnd(before)
    // Told nothing: what the upstream has done is known from it alone.
    await stage.sandbox.tell(null)
    const waiting = pay(gateway, pending)
    await expect
      .poll(async () => (await stage.sandbox.ledger('restore-pending')).length, { timeout: 15_000 })
      .toBe(1)
    const answer = await gateway.admin<{ file: string }>('POST', '/admin/v1/backup')
    expect(answer.status).toBe(201)
    backup = answer.body.file
    since = new Date().toISOString()
    expect((await waiting).status).toBeLessThan(300)
    const copy = new DatabaseSync(backup, { readOnly: true })
    expect(copy.prepare('pragma integrity_check').get()).toEqual({ integrity_check: 'ok' })
    copy.close()
    await payToTheEnd(lost)
    const refund = { amount: { currency: 'CNY', value: before.amount.value - 100 } }
    expect((await operate(gateway, paid.id, 'refunds', refund)).status).toBe(201)
    await gateway.stop({ keepData: true })
    for (const end of ['', '-wal', '-shm']) rmSync(join(dataDir, `journal.sqlite${end}`), { force: true })
    copyFileSync(backup, join(dataDir, 'journal.sqlite'))
    writeFileSync(configFile, gateway.inputs.configText)
  })

  it('sends nothing from the hold on, and says so', { timeout: 120_000 }, async () => {
    const held = await recover('--since', since)
    expect(held.report).toMatchObject({ recovery: { phase: 'held' } })
    await start()
    const sends = (await stage.sandbox.requests()).card_a.pay
    const again = await pay<ProblemView>(gateway, lost)
    expect([again.status, again.body.code]).toEqual([503, 'recovering'])
    expect(again.headers.get('retry-after')).not.toBeNull()
    const refund = await operate<ProblemView>(gateway, paid.id, 'refunds')
    expect([refund.status, refund.body.code]).toEqual([503, 'recovering'])
    expect((await stage.sandbox.requests()).card_a.pay).toBe(sends)
    expect((await gateway.api('GET', `/v1/payments/${paid.id}`)).status).toBe(200)
    const inUse = await recover()
    expect([inUse.status, inUse.told]).toEqual([1, expect.stringContaining('in use by another process')])
    await gateway.stop({ keepData: true })
  })

  it('is not let go before the upstreams have told what is missing', { timeout: 120_000 }, async () => {
    const refused = await recover('--release')
    expect(refused.status).toBe(1)
    expect(refused.report.recovery?.phase).toBe('held')
    expect(refused.report.missing.join()).toContain('the records of card_a since')
  })

  it('learns of charges, refunds and outcomes of which it has lost everything', {
    timeout: 60_000,
  }, async () => {
    const file = join(folder, 'records.csv')
    const covers = SANDBOX_ROUTES.join(',')
    const rows = await records([lost.orderId, pending.orderId, before.orderId])
    writeFileSync(file, rows)
    const unsure = await recover('--records', file, '--covers', covers)
    // Two tenants could have made it, and nothing is guessed.
    expect(unsure.status).toBe(1)
    expect(unsure.report.waiting).toMatchObject([
      { reason: 'tenant_unknown', record: { orderId: lost.orderId } },
    ])
    writeFileSync(file, rows.replaceAll(/$/gm, ',demo').replace(',demo', ',tenant'))
    const told = await recover('--records', file, '--covers', covers)
    expect(told.report).toMatchObject({ waiting: [], joined: { recreated: 1, known: 3 } })
    await expect
      .poll(async () => (await recover('--release')).report.recovery?.phase, {
        timeout: 20_000,
        interval: 500,
      })
      .toBe('released')
  })

  it('charges nobody twice and refunds nobody twice afterwards', { timeout: 120_000 }, async () => {
    await start()
    const again = await pay<ProblemView>(gateway, lost)
    expect([again.status, again.body.code]).toEqual([409, 'order_already_paid'])
    const whole = { amount: { currency: 'CNY', value: before.amount.value } }
    const twice = await operate<ProblemView>(gateway, paid.id, 'refunds', whole)
    expect([twice.status, twice.body.code]).toEqual([422, 'amount_too_high'])
    expect(
      (await operate(gateway, paid.id, 'refunds', { amount: { currency: 'CNY', value: 100 } })).status,
    ).toBe(201)
    const { body } = await gateway.api<{ payments: PaymentView[] }>(
      'GET',
      `/v1/payments?orderId=${pending.orderId}`,
    )
    expect(body.payments.map(({ status }) => status)).toEqual(['succeeded'])
    await payToTheEnd(contextOf())
    expect(await stage.sandbox.ordersPaidTwice()).toEqual([])
    expect(await stage.sandbox.ledger(before.orderId)).toHaveLength(3)
  })
})

describe('a journal that was restored and nobody has said so', () => {
  it('holds sends by itself, and lets them go when they are released', { timeout: 120_000 }, async () => {
    await payToTheEnd(contextOf())
    const { body } = await gateway.admin<{ file: string }>('POST', '/admin/v1/backup')
    const forgotten = contextOf()
    await payToTheEnd(forgotten)
    await gateway.stop({ keepData: true })
    for (const end of ['', '-wal', '-shm']) rmSync(join(dataDir, `journal.sqlite${end}`), { force: true })
    copyFileSync(body.file, join(dataDir, 'journal.sqlite'))
    await start()
    const again = await pay<ProblemView>(gateway, forgotten)
    expect([again.status, again.body.code]).toEqual([503, 'recovering'])
    expect(await stage.sandbox.ledger(forgotten.orderId)).toHaveLength(1)
    await gateway.stop({ keepData: true })
    expect((await recover()).report).toMatchObject({ recovery: { phase: 'held' } })
    const released = async () => (await recover('--release', '--accept-missing')).report.recovery?.phase
    await expect.poll(released, { timeout: 20_000, interval: 500 }).toBe('released')
    await start()
    await payToTheEnd(contextOf())
  })

  it('holds them too when the journal is gone altogether', { timeout: 60_000 }, async () => {
    await gateway.stop({ keepData: true })
    for (const end of ['', '-wal', '-shm']) rmSync(join(dataDir, `journal.sqlite${end}`), { force: true })
    await start()
    expect((await pay<ProblemView>(gateway, contextOf())).body.code).toBe('recovering')
  })
})

describe('a journal in PostgreSQL that was restored', () => {
  it('holds back gateways that run already, until it is released', { timeout: 120_000 }, async () => {
    databaseUrl = await freshDatabase()
    await gateway.stop({ keepData: true })
    gateway = await startTarget({ dataDir, databaseUrl, sandbox: stage.sandbox, change: quick })
    writeFileSync(configFile, gateway.inputs.configText)
    expect((await pay(gateway, contextOf())).status).toBeLessThan(300)
    expect((await recover('--since', new Date().toISOString())).report.recovery?.phase).toBe('held')
    const code = async () => (await pay<ProblemView>(gateway, contextOf())).body.code
    await expect.poll(code, { timeout: 10_000, interval: 200 }).toBe('recovering')
    const file = join(folder, 'none.csv')
    writeFileSync(file, 'route,reference,orderId,status,currency,value\n')
    expect((await recover('--records', file, '--covers', SANDBOX_ROUTES.join(','))).status).toBe(0)
    const released = async () => (await recover('--release')).report.recovery?.phase
    await expect.poll(released, { timeout: 20_000, interval: 500 }).toBe('released')
    const status = async () => (await pay(gateway, contextOf())).status
    await expect.poll(status, { timeout: 15_000, interval: 200 }).toBeLessThan(300)
  })
})
