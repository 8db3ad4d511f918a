import { describe, expect, it } from 'vitest'
import { MemoryJournal } from '../../../src/adapters/memory/journal.ts'
import { recordedDecisions } from '../../../src/gateway/recorded.ts'
import { decisionIn } from '../../support/sample-decision.ts'

const NOON = 1_780_000_000_000

async function journalWith(times: readonly number[]): Promise<MemoryJournal> {
  const journal = new MemoryJournal({ now: () => NOON })
  const decision = decisionIn({})
  await journal.appendDecisions(
    times.map((at, i) => ({
      id: `dec_${i}`,
      tenant: 'demo',
      orderId: `o-${i}`,
      at,
      body: JSON.stringify(decision),
    })),
  )
  return journal
}

const report = (journal: MemoryJournal, attempt: string, status: string) =>
  journal.appendOutcome('demo', {
    decision: 'dec_0',
    attempt,
    at: NOON,
    body: JSON.stringify({ attempt: 'a', route: 'card_a', status, latencyMs: 1 }),
  })

describe('recorded decisions', () => {
  it('come with what the checkout reported, the final word before one that was pending', async () => {
    const journal = await journalWith([NOON])
    await report(journal, 'a/pending', 'unknown')
    await report(journal, 'a/final', 'declined')
    const { decisions, next } = await recordedDecisions(journal, 'demo', NOON, NOON + 1, 10)
    expect(decisions).toMatchObject([
      {
        id: 'dec_0',
        at: NOON,
        attempts: [
          { route: 'card_a', status: 'declined' },
          { route: 'card_a', status: 'unknown' },
        ],
      },
    ])
    expect(next).toBeUndefined()
  })

  it('are read page by page without losing one, also where several were made in one instant', async () => {
    const journal = await journalWith([0, 1, 1, 1, 2, 3, 3].map(ms => NOON + ms))
    const seen = new Set<string>()
    let to: number | undefined = NOON + 10
    let pages = 0
    while (to !== undefined && pages++ < 20) {
      const page = await recordedDecisions(journal, 'demo', NOON, to, 4)
      for (const { id } of page.decisions) seen.add(id)
      to = page.next
    }
    expect([...seen].sort()).toEqual(Array.from({ length: 7 }, (_, i) => `dec_${i}`))
    expect(pages).toBeLessThan(8)
  })

  it('of another tenant are not told', async () => {
    const journal = await journalWith([NOON])
    expect((await recordedDecisions(journal, 'other', NOON, NOON + 1, 10)).decisions).toEqual([])
  })
})
