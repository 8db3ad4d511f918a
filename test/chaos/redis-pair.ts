import { startRedis } from '../support/services/redis.ts'
import type { ServiceHandle } from '../support/services/server-process.ts'
import { sleep } from './gateway.ts'
import { Link } from './link.ts'

interface Member {
  readonly server: ServiceHandle
  /** The way on which the other one follows it. */
  readonly followed: Link
}

/** How long the follower may take until it has what the primary has. */
const IN_STEP_WITHIN_MS = 15_000
/** For how long the primary takes writes that the follower never sees. */
const APART_MS = 500
const PROBE = 'chaos-probe'

/**
 * Two Redis servers, one of which follows the other, behind one address. `server` is whichever is the primary now, so that
 * whatever befalls Redis befalls that one.
 */
export class RedisPair {
  readonly link: Link
  #primary: Member
  #follower: Member
  /** How often the follower took over, and how often what was acknowledged before was gone then. */
  failovers = 0
  losses = 0
  readonly server: ServiceHandle

  private constructor(link: Link, primary: Member, follower: Member) {
    this.link = link
    this.#primary = primary
    this.#follower = follower
    const now = (): ServiceHandle => this.#primary.server
    this.server = {
      get url() {
        return now().url
      },
      get port() {
        return now().port
      },
      get pid() {
        return now().pid
      },
      kill: signal => now().kill(signal),
      restart: () => now().restart(),
      stop: () => this.stop(),
    }
  }

  static async start(): Promise<RedisPair> {
    const [primary, follower] = [await memberOf(await startRedis()), await memberOf(await startRedis())]
    const pair = new RedisPair(await Link.open(primary.server.port), primary, follower)
    await pair.#follow()
    return pair
  }

  /**
   * The primary is cut off from its follower, takes writes for a while, and dies; the follower is made the primary, and
   * the address leads to it from then on. The one that died comes back as its follower.
   */
  async failOver(): Promise<void> {
    const [dying, heir] = [this.#primary, this.#follower]
    await this.#inStep()
    dying.followed.set('black_hole')
    const probe = `${PROBE}-${this.failovers}`
    await redisCommand(dying.server.port, `SET ${probe} 1`)
    await sleep(APART_MS)
    await dying.server.kill()
    await redisCommand(heir.server.port, 'REPLICAOF NO ONE')
    this.link.lead(heir.server.port)
    this.link.cut()
    this.failovers++
    this.#primary = heir
    this.#follower = dying
    if ((await redisCommand(heir.server.port, `EXISTS ${probe}`)).startsWith(':0')) this.losses++
    await dying.server.restart()
    dying.followed.set('through')
    await this.#follow()
  }

  async stop(): Promise<void> {
    for (const { server, followed } of [this.#primary, this.#follower]) {
      await server.stop()
      await followed.close()
    }
    await this.link.close()
  }

  async #follow(): Promise<void> {
    await redisCommand(this.#follower.server.port, `REPLICAOF 127.0.0.1 ${this.#primary.followed.port}`)
  }

  /** Waits until the follower would take over with everything; at most for a while, because much may be broken now. */
  async #inStep(): Promise<void> {
    for (const until = Date.now() + IN_STEP_WITHIN_MS; Date.now() < until; ) {
      const told = await redisCommand(this.#follower.server.port, 'INFO replication').catch(() => '')
      if (told.includes('master_link_status:up') && told.includes('master_sync_in_progress:0')) return
      await sleep(100)
    }
    throw new Error('the follower of Redis is not in step')
  }
}

async function memberOf(server: ServiceHandle): Promise<Member> {
  return { server, followed: await Link.open(server.port) }
}

/** One command on a connection of its own; gives the first piece of the answer as it came. */
export async function redisCommand(port: number, command: string): Promise<string> {
  const { connect } = await import('node:net')
  return new Promise<string>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`))
    socket.setTimeout(2_000, () => socket.destroy(new Error('Redis does not answer')))
    socket.on('data', chunk => {
      socket.destroy()
      resolve(chunk.toString())
    })
    socket.on('error', reject)
  })
}
