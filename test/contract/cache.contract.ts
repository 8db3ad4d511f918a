import { expect, it } from 'vitest'
import type { Cache } from '../../src/ports/cache.ts'

export interface CacheUnderTest {
  readonly cache: Cache
  /** Begins every key, so that a shared store can be used. */
  readonly prefix: string
  /** Lets time pass for the cache. */
  readonly pass: (ms: number) => Promise<void>
}

/** What every adapter of the cache port promises. */
export function cacheContract(make: () => CacheUnderTest): void {
  it('gives back what was set, in the order asked for, and undefined for what was not', async () => {
    const { cache, prefix } = make()
    await cache.set(`${prefix}{t}:a`, 'one', 60)
    await cache.set(`${prefix}{t}:b`, 'zwei 二', 60)
    const found = await cache.getMany([`${prefix}{t}:b`, `${prefix}{t}:none`, `${prefix}{t}:a`])
    expect(found).toEqual(['zwei 二', undefined, 'one'])
  })

  it('answers an empty question with nothing', async () => {
    expect(await make().cache.getMany([])).toEqual([])
    await expect(make().cache.delete([])).resolves.toBeUndefined()
  })

  it('forgets a value when its time is over, and fractions of a second count', async () => {
    const { cache, prefix, pass } = make()
    await cache.set(`${prefix}{t}:short`, 'x', 0.15)
    await cache.set(`${prefix}{t}:long`, 'y', 60)
    expect(await cache.getMany([`${prefix}{t}:short`])).toEqual(['x'])
    await pass(200)
    expect(await cache.getMany([`${prefix}{t}:short`, `${prefix}{t}:long`])).toEqual([undefined, 'y'])
  })

  it('counts the time of life anew with every set', async () => {
    const { cache, prefix, pass } = make()
    await cache.set(`${prefix}{t}:k`, 'x', 0.15)
    await cache.set(`${prefix}{t}:k`, 'y', 60)
    await pass(200)
    expect(await cache.getMany([`${prefix}{t}:k`])).toEqual(['y'])
  })

  it.each([0, -1, Number.NaN, 0.0001])('keeps nothing for a time of life of %s', async ttlSeconds => {
    const { cache, prefix } = make()
    await cache.set(`${prefix}{t}:k`, 'old', 60)
    await cache.set(`${prefix}{t}:k`, 'new', ttlSeconds)
    expect(await cache.getMany([`${prefix}{t}:k`])).toEqual([undefined])
  })

  it('deletes the keys named and no other', async () => {
    const { cache, prefix } = make()
    for (const name of ['a', 'b', 'c']) await cache.set(`${prefix}{t}:${name}`, name, 60)
    await cache.delete([`${prefix}{t}:a`, `${prefix}{t}:c`])
    const keys = ['a', 'b', 'c'].map(name => `${prefix}{t}:${name}`)
    expect(await cache.getMany(keys)).toEqual([undefined, 'b', undefined])
  })

  it('says that it is healthy', async () => {
    const { cache, prefix } = make()
    await cache.getMany([`${prefix}{t}:any`])
    expect(cache.healthy()).toBe(true)
  })
}
