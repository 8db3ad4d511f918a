import { describe, expect, it } from 'vitest'
import { MemoryJournal } from '../../src/adapters/memory/journal.ts'
import { journalContract } from './journal.contract.ts'
import { beginWrite, samplePayment, saveWrite } from './journal-samples.ts'

describe('journal in memory', () => {
  journalContract(async () => {
    let now = Date.now()
    const journal = new MemoryJournal({ now: () => now })
    return {
      journal,
      other: journal,
      now: () => now,
      advance: async ms => {
        now += ms
      },
    }
  })

  it('takes back what was not synced, and nothing before it', async () => {
    const journal = new MemoryJournal({ now: () => 1, keepTail: true })
    await journal.declareFunds('p', 's', 100)
    const payment = samplePayment()
    const write = beginWrite(payment, {
      reserve: { reference: 'r', funds: { pool: 'p', legs: [{ source: 's', value: 60 }] } },
    })
    journal.settleTail()
    const empty = journal.mark
    await journal.begin(write)
    const mark = journal.mark
    const settle = [{ reference: 'r', outcome: 'commit' as const }]
    await journal.save(saveWrite({ payment, version: 1, epoch: 1 }, { result: 'declined' }, { settle }))
    await journal.begin(beginWrite(samplePayment({ orderId: payment.context.orderId })))

    journal.rollBack(mark)
    expect(await journal.find('demo', payment.id)).toEqual({ payment, version: 1, epoch: 1 })
    expect(await journal.findByOrder('demo', payment.context.orderId, 9)).toHaveLength(1)
    expect(await journal.history('demo', payment.id)).toHaveLength(1)
    expect(await journal.listFunds()).toMatchObject([{ reserved: 60, used: 0 }])

    journal.rollBack(empty)
    expect(await journal.find('demo', payment.id)).toBeUndefined()
    expect(await journal.listFunds()).toMatchObject([{ reserved: 0, used: 0 }])
    expect((await journal.begin(write)).kind).toBe('begun')
  })
})
