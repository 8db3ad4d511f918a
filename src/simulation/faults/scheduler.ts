import { nextTick } from 'node:process'

/** Something that is going to happen. */
export interface Event {
  readonly at: number
  readonly order: number
  /** Undefined when it has been called off. */
  run: (() => void) | undefined
  /** It can let no promise go on, so that nothing has to be waited for after it. */
  readonly quiet: boolean
}

/** More happened than any honest world needs: it goes on and on. */
export class NeverAtRest extends Error {
  override readonly name = 'NeverAtRest'
}

/**
 * Virtual time. Events run one by one in the order of (time, order of scheduling); between two of them every promise
 * that can go on has gone on, so that nothing depends on the host's own timing.
 */
export class Scheduler {
  /** True time, ms since the world's start. */
  now = 0
  /** Grows with every event that ran; two runs of one seed must end with the same value. */
  hash = 0x811c9dc5
  count = 0
  readonly #heap: Event[] = []
  readonly #eventsMax: number
  #order = 0

  constructor(eventsMax: number) {
    this.#eventsMax = eventsMax
  }

  at(time: number, run: () => void, quiet = false): Event {
    const event: Event = { at: time > this.now ? time : this.now, order: this.#order++, run, quiet }
    this.#push(event)
    return event
  }

  after(ms: number, run: () => void): Event {
    return this.at(this.now + ms, run)
  }

  /** As `after`, for what lets no promise go on: the next event may follow at once. */
  quietlyAfter(ms: number, run: () => void): Event {
    return this.at(this.now + ms, run, true)
  }

  /** Runs until nothing is left, `stop` says so, or `until` has passed. Rejects when an event throws. */
  run(until: number, stop: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = (): void => {
        try {
          do {
            const event = this.#heap[0]
            if (event === undefined || event.at > until || stop()) return resolve()
          } while (this.#runNext())
        } catch (error) {
          return reject(error)
        }
        // A tick that is asked for from a microtask runs only when the queue of microtasks is empty.
        queueMicrotask(drained)
      }
      const drained = (): void => nextTick(step)
      step()
    })
  }

  /** Adds something that must come out the same in every run of the seed. */
  mix(value: number): void {
    this.hash = Math.imul(this.hash ^ value, 0x01000193) >>> 0
  }

  /** Whether the next one may follow at once, because no promise can have gone on. */
  #runNext(): boolean {
    const event = this.#pop()
    if (++this.count > this.#eventsMax) throw new NeverAtRest('the world does not come to rest')
    this.now = event.at
    this.mix(event.order)
    this.mix(Math.round(event.at * 1_000))
    if (event.run === undefined) return true
    event.run()
    return event.quiet
  }

  #push(event: Event): void {
    const heap = this.#heap
    let child = heap.push(event) - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      const above = heap[parent] as Event
      if (isBefore(above, event)) break
      heap[child] = above
      child = parent
    }
    heap[child] = event
  }

  #pop(): Event {
    const heap = this.#heap
    const first = heap[0] as Event
    const last = heap.pop() as Event
    if (heap.length === 0) return first
    let parent = 0
    for (;;) {
      let child = 2 * parent + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++
      if (isBefore(last, heap[child] as Event)) break
      heap[parent] = heap[child] as Event
      parent = child
    }
    heap[parent] = last
    return first
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
