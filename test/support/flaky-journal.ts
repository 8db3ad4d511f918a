import { type Journal, JournalUnavailable } from '../../src/ports/journal.ts'

/** A journal that can be told to be away. */
export interface FlakyJournal {
  readonly journal: Journal
  /**
   * The next `times` calls of a method reject with `JournalUnavailable`: `before` they are applied, or `after`, as
   * when a commit has worked and its answer is lost.
   */
  fail(method: keyof Journal, times: number, when?: 'before' | 'after'): void
  /** How often a method was called. */
  calls(method: keyof Journal): number
}

type AnyMethod = (...args: unknown[]) => Promise<unknown>

export function flakyJournal(inner: Journal): FlakyJournal {
  const failures = new Map<PropertyKey, { times: number; when: 'before' | 'after' }>()
  const counts = new Map<PropertyKey, number>()
  const journal = new Proxy(inner, {
    get(target, name) {
      const method = Reflect.get(target, name) as unknown
      if (typeof method !== 'function') return method
      return async (...args: unknown[]) => {
        counts.set(name, (counts.get(name) ?? 0) + 1)
        const failure = failures.get(name)
        const fails = failure !== undefined && failure.times > 0
        if (fails) failure.times--
        if (fails && failure.when === 'before') throw new JournalUnavailable('told to be away')
        const result = await (method as AnyMethod).apply(target, args)
        if (fails) throw new JournalUnavailable('told to lose the answer')
        return result
      }
    },
  })
  return {
    journal,
    fail: (method, times, when = 'before') => failures.set(method, { times, when }),
    calls: method => counts.get(method) ?? 0,
  }
}
