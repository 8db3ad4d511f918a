import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import { MemoryJournal } from '../../../src/adapters/memory/journal.ts'
import { tellBills } from '../../../src/gateway/bills.ts'
import { CreditDesk } from '../../../src/gateway/credit-desk.ts'
import { fireNotices, listContacts, NOTICE_TIMER } from '../../../src/gateway/notices.ts'
import { changeLine } from '../../../src/gateway/payer-credit.ts'
import type { FactsSettings } from '../../../src/gateway/runtime.ts'
import type { Journal, OutboxClaim } from '../../../src/ports/journal.ts'
import { buildTestGateway } from '../../support/gateway.ts'
import { CNY, NOON, sampleRoute } from '../../support/samples.ts'

const CREDIT = sampleRoute('jd_baitiao', { tender: 'credit', lender: 'Lender', needsFacts: true })
const WHO = { tenant: 'demo', payer: 'u-1', route: 'jd_baitiao' }
const AT = { tenant: 'demo', lender: 'Lender', payer: 'u-1' }
const FACTS = { activated: true, frozen: false, availableCredit: 500_000, daysPastDue: 0, asOf: NOON }
const PROVIDER: FactsSettings = {
  provider: { facts: () => Promise.resolve({ kind: 'known', facts: FACTS }) },
  timeoutMs: 100,
  freshSeconds: 30,
  staleSeconds: 300,
  negativeSeconds: 10,
}
const WEBHOOKS = [
  { id: 'demo/0', events: ['credit.repayment_due', 'credit.overdue', 'credit.limit_changed'] },
]

/** Instances of one gateway over one journal. */
function instances(count: number) {
  const clock = new ManualClock(NOON)
  const journal: Journal = new MemoryJournal({ now: () => clock.now() })
  const all = Array.from({ length: count }, (_, i) => {
    const test = buildTestGateway({
      clock,
      journal,
      seed: i + 1,
      routes: [CREDIT],
      facts: { jd_baitiao: PROVIDER },
      webhooks: WEBHOOKS,
    })
    const quiet = { liquidity: null, rollRateChange: null, firstPaymentDefaultChange: null }
    const desk = new CreditDesk(test.gateway.ports, test.gateway.runtime, () => quiet)
    return { ...test, desk }
  })
  return { clock, journal, all }
}

type Instance = ReturnType<typeof instances>['all'][number]
const freeze = ({ gateway, desk, facts }: Instance, kind: 'freeze' | 'unfreeze', key: string) =>
  changeLine(gateway, desk, facts, { ...WHO, change: { kind }, key: { key, fingerprint: key } })

describe('what a payer has set', () => {
  it('holds at once for paying at every instance, and a few seconds later for what is only told', async () => {
    const { clock, all } = instances(2)
    const [here, there] = all as [Instance, Instance]
    const frozen = async (paying: boolean): Promise<boolean> =>
      (await there.desk.inForce('demo', CREDIT, 'u-1', FACTS, paying)).frozen
    expect(await frozen(false)).toBe(false)
    expect(await freeze(here, 'freeze', 'k-1')).toMatchObject({ outcome: { outcome: 'frozen' } })
    expect(await frozen(true)).toBe(true)
    await clock.advance(5_001)
    expect(await frozen(false)).toBe(true)
  })

  it('is changed once per key, whichever instance is asked, and many at once lose none', async () => {
    const { all, journal } = instances(3)
    const same = await Promise.all(all.map(one => freeze(one, 'freeze', 'k-1')))
    expect(same.map(reply => reply.kind === 'line' && reply.outcome?.outcome)).toEqual([
      'frozen',
      'frozen',
      'frozen',
    ])
    const limits = all.map(({ gateway, desk, facts }, i) =>
      changeLine(gateway, desk, facts, {
        ...WHO,
        change: { kind: 'limit', limit: CNY(300_000 - i) },
        key: { key: `limit-${i}`, fingerprint: 'f' },
      }),
    )
    await Promise.all(limits)
    const { record } = await (all[0] as Instance).desk.records.read(AT)
    expect(record.answers).toHaveLength(4)
    const told = await journal.claimOutbox(100, 60_000)
    expect(told.filter(({ body }) => body.includes('"change":"frozen"'))).toHaveLength(1)
  })
})

describe('the timer of notices', () => {
  const report = ({ gateway, desk }: Instance, dueDate: string) =>
    tellBills(gateway, desk, { ...WHO, kind: 'bill', bill: 'b-1', amount: CNY(42_000), dueDate })

  it('fired by two instances at once tells and logs one notice', async () => {
    const { all, journal, clock } = instances(2)
    await report(all[0] as Instance, '2026-06-04')
    const [timer] = await journal.claimOutbox(10, 60_000)
    expect(timer?.endpoint).toBe(NOTICE_TIMER)
    const next = await Promise.all(
      all.map(({ gateway, desk }) => fireNotices(gateway, desk, timer as OutboxClaim)),
    )
    const told = await journal.claimOutbox(10, 60_000)
    expect(told.map(({ type, endpoint }) => `${endpoint} ${type}`)).toEqual(['demo/0 credit.repayment_due'])
    const [{ gateway }] = all as [Instance]
    expect(await listContacts(gateway.ports, AT, '2026-06-01', 10)).toHaveLength(1)
    // The next morning at eight, within the half hour over which mornings are spread.
    const morning = Date.parse('2026-06-02T00:00:00Z')
    for (const at of next) {
      expect(at).toBeGreaterThanOrEqual(morning)
      expect(at).toBeLessThan(morning + 1_800_000)
    }
    expect(clock.now()).toBe(NOON)
  })

  it('ends with the last bill that goes by itself', async () => {
    const { all, journal } = instances(1)
    const [one] = all as [Instance]
    await report(one, '2026-06-20')
    await tellBills(one.gateway, one.desk, { ...WHO, kind: 'case', bill: 'b-1', event: { kind: 'repaid' } })
    const [timer] = await journal.claimOutbox(10, 60_000)
    expect(await fireNotices(one.gateway, one.desk, timer as OutboxClaim)).toBeNull()
  })
})
