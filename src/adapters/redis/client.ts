import { Cluster, type DNSLookupFunction, Redis, type RedisOptions } from 'ioredis'
import type { RedisAddress } from './address.ts'

export type RedisClient = Redis | Cluster

/** The shape of replies that version 6 of the library keeps from version 5; its types ask for it by name. */
type Legacy<T> = T & { replyMapping?: 'legacy' }

/** How long a command may take. Nobody waits longer for a hint. */
export const COMMAND_MS = 50

const COMMON = {
  connectTimeout: 500,
  commandTimeout: COMMAND_MS,
  // Without it a connection that swallows everything stays "ready" for ever.
  socketTimeout: 300,
  // Retrying and queueing would execute a command long after its caller was told that it failed.
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  enableReadyCheck: true,
  lazyConnect: true,
  keepAlive: 10_000,
  noDelay: true,
  // It would hold a command back behind others of its slot.
  enableAutoPipelining: false,
  connectionName: 'fundroute',
  // After a failover the old master answers READONLY until the connection is made anew.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
} satisfies RedisOptions

/** A client that fails at once rather than wait, queue or repeat. It does not connect by itself. */
export function redisClient(address: RedisAddress, jitter: () => number): RedisClient {
  // Never null: it would give up for good.
  const retryStrategy = (times: number) =>
    Math.min(100 * 2 ** Math.min(times, 10), 2_000) + Math.floor(200 * jitter())
  const { username, password } = address
  const access = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(address.tls ? { tls: {} } : {}),
  }
  const client = clientOf(address, { ...COMMON, ...access, retryStrategy })
  // Without a listener each lost connection is printed; whoever uses the client sees its commands fail.
  client.on('error', () => {})
  return client
}

function clientOf(address: RedisAddress, options: RedisOptions): RedisClient {
  switch (address.kind) {
    case 'single':
      return new Redis({ ...options, ...address.node, db: address.db } as Legacy<RedisOptions>)
    case 'sentinel':
      return new Redis({
        ...options,
        sentinels: [...address.sentinels],
        name: address.master,
        db: address.db,
        sentinelRetryStrategy: options.retryStrategy as (times: number) => number,
        ...(address.tls ? { enableTLSForSentinelMode: true, sentinelTLS: {} } : {}),
      } as Legacy<RedisOptions>)
    case 'cluster':
      return new Cluster([...address.nodes], clusterOptions(options))
  }
}

function clusterOptions(options: RedisOptions) {
  return {
    lazyConnect: true,
    // Its own setting: the one of the nodes is forced on by the pool.
    enableOfflineQueue: false,
    enableReadyCheck: true,
    enableAutoPipelining: false,
    maxRedirections: 2,
    slotsRefreshTimeout: 1_000,
    clusterRetryStrategy: options.retryStrategy as (times: number) => number,
    // The library's own questions about slots go through the same connections and wait for them to be made.
    redisOptions: { ...options, commandTimeout: 500 } as Legacy<RedisOptions>,
    // Certificates name hosts, not the addresses they resolve to.
    ...(options.tls === undefined ? {} : { dnsLookup: NO_LOOKUP }),
  }
}

const NO_LOOKUP: DNSLookupFunction = (host, done) => done(null, host)
