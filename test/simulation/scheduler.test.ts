import { expect, test } from 'vitest'
import { NeverAtRest, Scheduler } from '../../src/simulation/faults/scheduler.ts'

const never = (): boolean => false

test('events run by time, and by their order of planning at the same time', async () => {
  const scheduler = new Scheduler(100)
  const told: string[] = []
  for (const [at, name] of [
    [5, 'c'],
    [1, 'a'],
    [5, 'd'],
    [2, 'b'],
  ] as const) {
    scheduler.at(at, () => told.push(`${name}${scheduler.now}`))
  }
  await scheduler.run(10, never)
  expect(told).toEqual(['a1', 'b2', 'c5', 'd5'])
})

test('between two events every promise that can go on has gone on, however long the chain', async () => {
  const scheduler = new Scheduler(100)
  const told: string[] = []
  const chain = async (): Promise<void> => {
    for (let step = 0; step < 50; step++) await Promise.resolve()
    told.push('chain')
  }
  scheduler.after(1, () => void chain())
  // Quiet ones in between, and one that was called off, hide none of it.
  scheduler.quietlyAfter(1, () => told.push('quiet'))
  scheduler.after(1, () => told.push('called off')).run = undefined
  scheduler.after(1, () => told.push('next'))
  await scheduler.run(10, never)
  expect(told).toEqual(['chain', 'quiet', 'next'])
})

test('what was called off counts as an event all the same, so that the hash does not depend on it', async () => {
  const run = async (off: boolean): Promise<readonly [number, number]> => {
    const scheduler = new Scheduler(100)
    const event = scheduler.after(1, () => undefined)
    if (off) event.run = undefined
    await scheduler.run(10, never)
    return [scheduler.count, scheduler.hash]
  }
  expect(await run(true)).toEqual(await run(false))
})

test('a world that goes on and on is given up', async () => {
  const scheduler = new Scheduler(20)
  const again = (): void => void scheduler.quietlyAfter(1, again)
  again()
  await expect(scheduler.run(1_000, never)).rejects.toThrow(NeverAtRest)
})
