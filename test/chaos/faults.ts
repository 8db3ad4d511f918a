import type { RandomStream } from '../../src/core/random.ts'
import { CRASH_POINTS } from '../../src/entry/fault-hooks.ts'
import type { Cluster } from './cluster.ts'
import { type GatewayProcess, sleep } from './gateway.ts'
import type { Link, LinkState } from './link.ts'
import { redisCommand } from './redis-pair.ts'

interface Fault {
  readonly name: string
  /** How often it comes, beside the others. */
  readonly weight: number
  /** Brings it on, and resolves when it is healed. */
  readonly inject: () => Promise<void>
}

/** How many faults may be under way at a time. A process that was told to die is one until it has died. */
const AT_ONCE_MAX = 4
/** Longest pause of a gateway: longer than its lease, shorter than an upstream's settle window. */
const PAUSE_MS_MAX = 20_000

/** How long a process that was told to die is left alone by other faults, so that it comes to it. */
const DIES_WITHIN_MS = 8_000

/** Brings faults on at random until it is stopped, and counts those that came. */
export class Chaos {
  readonly #random: RandomStream
  readonly #faults: readonly Fault[]
  readonly #cluster: Cluster
  readonly #open = new Set<Promise<void>>()
  readonly #busy = new Set<string>()
  readonly counts = new Map<string, number>()
  #running = false

  constructor(cluster: Cluster, random: RandomStream) {
    this.#cluster = cluster
    this.#random = random
    this.#faults = [
      ...cluster.gateways.flatMap(gateway => gatewayFaults(gateway, cluster.crashes, random)),
      ...cluster.upstreamLinks.flatMap((link, i) => linkFaults(`upstream ${i}`, link, random, 4_000, 0.4)),
      ...upstreamFaults(cluster, random),
      ...serviceFaults(cluster, random),
    ]
  }

  get total(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Processes that were ended: from outside, also to be told where to die next, and by themselves at such a point. */
  get kills(): number {
    const deaths = [...this.#cluster.crashes.values()].reduce((sum, count) => sum + count, 0)
    return deaths + this.#counted(/: (killed|restarted|told to die|failed over)$/)
  }

  get pauses(): number {
    return this.#counted(/: paused$/)
  }

  /** Links on which connections were lost or led nowhere. */
  get cuts(): number {
    return this.#counted(/: (cut|refused|black_hole|half_closed)$/)
  }

  get disruptions(): number {
    return this.kills + this.pauses + this.cuts
  }

  #counted(names: RegExp): number {
    return [...this.counts].reduce((sum, [name, count]) => (names.test(name) ? sum + count : sum), 0)
  }

  async run(): Promise<void> {
    this.#running = true
    while (this.#running) {
      if (this.#open.size < AT_ONCE_MAX) this.#bring()
      await sleep(200 + 900 * this.#random())
    }
  }

  /** Brings no more, and waits until those under way are healed. */
  async heal(): Promise<void> {
    this.#running = false
    await Promise.all(this.#open)
  }

  #bring(): void {
    const { timeline } = this.#cluster
    const fault = this.#choose()
    // One fault per thing at a time: a frozen process cannot also be started again.
    const [subject = ''] = fault.name.split(': ')
    if (this.#busy.has(subject)) return
    this.#busy.add(subject)
    this.counts.set(fault.name, (this.counts.get(fault.name) ?? 0) + 1)
    timeline.note(fault.name)
    const running = fault
      .inject()
      .catch((error: unknown) => timeline.note(`${fault.name} could not be healed: ${String(error)}`))
      .finally(() => {
        this.#busy.delete(subject)
        this.#open.delete(running)
      })
    this.#open.add(running)
  }

  #choose(): Fault {
    let left = this.#random() * this.#faults.reduce((sum, { weight }) => sum + weight, 0)
    for (const fault of this.#faults) {
      left -= fault.weight
      if (left < 0) return fault
    }
    return this.#faults.at(-1) as Fault
  }
}

function gatewayFaults(
  gateway: GatewayProcess,
  crashes: ReadonlyMap<string, number>,
  random: RandomStream,
): Fault[] {
  return [
    { name: `${gateway.name}: killed`, weight: 1.5, inject: () => gateway.kill(100 + 1_500 * random()) },
    {
      name: `${gateway.name}: paused`,
      weight: 1,
      inject: () => gateway.pause(random() < 0.6 ? 100 + 1_000 * random() : PAUSE_MS_MAX * random()),
    },
    {
      name: `${gateway.name}: told to die`,
      weight: 3,
      inject: () => {
        // The rarest so far, so that a run has all of them; among equals by chance.
        const [point] = CRASH_POINTS.map(name => ({
          name,
          died: (crashes.get(name) ?? 0) + random() / 2,
        })).sort((a, b) => a.died - b.died)
        return gateway.dieAt(`${point?.name}:${1 + Math.floor(3 * random())}`, DIES_WITHIN_MS)
      },
    },
  ]
}

/** Everything that can happen to the bytes on a link, for at most `msMax` at a time. */
function linkFaults(name: string, link: Link, random: RandomStream, msMax: number, weight: number): Fault[] {
  const states: LinkState[] = ['refused', 'black_hole', 'slow', 'half_closed']
  return [
    {
      name: `${name}: cut`,
      weight,
      inject: async () => {
        link.cut()
      },
    },
    ...states.map(state => ({
      name: `${name}: ${state}`,
      weight,
      inject: async () => {
        link.set(state)
        await sleep(200 + (msMax - 200) * random())
        link.set('through')
      },
    })),
  ]
}

function upstreamFaults(cluster: Cluster, random: RandomStream): Fault[] {
  const { upstreams } = cluster
  return [
    {
      name: 'upstreams: killed',
      weight: 0.7,
      inject: async () => {
        await upstreams.kill()
        await sleep(500 * random())
        await upstreams.restart()
        await cluster.dial()
      },
    },
    {
      name: 'upstreams: paused',
      weight: 0.7,
      inject: async () => {
        await upstreams.kill('SIGSTOP')
        await sleep(4_000 * random())
        await upstreams.kill('SIGCONT')
      },
    },
  ]
}

function serviceFaults({ postgres, redis }: Cluster, random: RandomStream): Fault[] {
  const faults: Fault[] = []
  for (const [name, service] of Object.entries({ postgres, redis })) {
    if (service === undefined) continue
    const { server, link } = service
    faults.push(
      ...linkFaults(`${name} link`, link, random, 3_000, 0.4),
      {
        name: `${name}: killed`,
        weight: 0.7,
        inject: async () => {
          await server.kill()
          await sleep(1_500 * random())
          await server.restart()
        },
      },
      { name: `${name}: restarted`, weight: 0.4, inject: () => server.restart() },
      {
        name: `${name}: paused`,
        weight: 0.7,
        inject: async () => {
          await server.kill('SIGSTOP')
          await sleep(3_000 * random())
          await server.kill('SIGCONT')
        },
      },
    )
  }
  if (redis !== undefined) {
    faults.push(
      {
        name: 'redis: flushed',
        weight: 1,
        inject: async () => {
          await redisCommand(redis.server.port, 'FLUSHALL')
        },
      },
      { name: 'redis: failed over', weight: 1, inject: () => redis.failOver() },
    )
  }
  return faults
}
