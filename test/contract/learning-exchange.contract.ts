import { expect, it } from 'vitest'
import type { LearningExchange } from '../../src/ports/learning-exchange.ts'

/** What every adapter promises. `join` makes another instance of the same deployment, new to each test. */
export function learningExchangeContract(make: () => () => LearningExchange): void {
  it('gives an entry to every other instance once, and not back to its own', async () => {
    const join = make()
    const [a, b, c] = [join(), join(), join()]
    expect(await a.exchange(['from a'])).toEqual([])
    expect(await b.exchange(['from b'])).toEqual(['from a'])
    expect(await c.exchange([])).toEqual(['from a', 'from b'])
    expect(await a.exchange([])).toEqual(['from b'])
    expect(await Promise.all([a, b, c].map(instance => instance.exchange([])))).toEqual([[], [], []])
  })

  it('keeps the order in which an instance gave them', async () => {
    const join = make()
    const [a, b] = [join(), join()]
    await a.exchange(['1', '2'])
    await a.exchange(['3 三'])
    expect(await b.exchange([])).toEqual(['1', '2', '3 三'])
  })

  it('gives late comers what is kept, of a bounded number', async () => {
    const join = make()
    const a = join()
    for (let i = 0; i < 40; i++) await a.exchange(Array.from({ length: 50 }, (_, j) => `${i}/${j}`))
    const late = join()
    let received = 0
    for (let round = 0; round < 60; round++) received += ((await late.exchange([])) ?? []).length
    expect(received).toBeGreaterThan(50)
    expect(received).toBeLessThanOrEqual(1_000)
  })
}
