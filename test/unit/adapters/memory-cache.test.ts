import { describe, expect, it } from 'vitest'
import { MemoryCache } from '../../../src/adapters/memory/cache.ts'
import { ManualClock } from '../../../src/adapters/memory/clock.ts'
import { cacheContract } from '../../contract/cache.contract.ts'

describe('the cache in memory', () => {
  cacheContract(() => {
    const clock = new ManualClock()
    return { cache: new MemoryCache({ clock }), prefix: '', pass: ms => clock.advance(ms) }
  })

  it('holds no more entries than allowed: the least recently used goes', async () => {
    const cache = new MemoryCache({ clock: new ManualClock(), entriesMax: 2 })
    await cache.set('a', '1', 60)
    await cache.set('b', '2', 60)
    await cache.getMany(['a'])
    await cache.set('c', '3', 60)
    expect(await cache.getMany(['a', 'b', 'c'])).toEqual(['1', undefined, '3'])
  })

  it('holds no more characters than allowed', async () => {
    const cache = new MemoryCache({ clock: new ManualClock(), charactersMax: 100 })
    await cache.set('a', 'x'.repeat(60), 60)
    await cache.set('b', 'x'.repeat(60), 60)
    await cache.set('c', 'x'.repeat(200), 60)
    expect(await cache.getMany(['a', 'b', 'c'])).toEqual([undefined, 'x'.repeat(60), undefined])
  })

  it('keeps its time by the monotonic clock, not by a wall clock that jumps', async () => {
    const clock = new ManualClock()
    const cache = new MemoryCache({ clock })
    await cache.set('a', '1', 10)
    clock.jump(3_600_000)
    expect(await cache.getMany(['a'])).toEqual(['1'])
  })
})
