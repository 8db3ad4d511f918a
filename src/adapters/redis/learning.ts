import type { LearningExchange } from '../../ports/learning-exchange.ts'
import type { RedisClient } from './client.ts'
import type { RedisLink } from './link.ts'

/** Entries that a stream keeps for instances that come late, and that one round takes in. */
const STREAM_ENTRIES_MAX = 100
const ENTRIES_PER_ROUND = 100
const KEEP_MS = 86_400_000

/**
 * Appends this instance's entries and reads those after its cursor, atomically, on one key, so that a Cluster can
 * run it. Own entries are left out. When the newest id is behind the cursor, the stream has been flushed and the
 * clock set back: reading begins anew, and what comes twice does no harm.
 */
const SCRIPT = `
local key, cursor, self = KEYS[1], ARGV[1], ARGV[2]
for i = 6, #ARGV do
  redis.call('XADD', key, 'MAXLEN', '~', ARGV[3], '*', 'from', self, 'entry', ARGV[i])
  redis.call('PEXPIRE', key, ARGV[5])
end
local newest = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)
if #newest == 0 then return { '0-0' } end
local function parts(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local ms, seq = parts(newest[1][1])
local seenMs, seenSeq = parts(cursor)
if ms < seenMs or (ms == seenMs and seq < seenSeq) then cursor = '0-0' end
local result = { cursor }
for _, item in ipairs(redis.call('XRANGE', key, '(' .. cursor, '+', 'COUNT', ARGV[4])) do
  result[1] = item[1]
  if item[2][2] ~= self then result[#result + 1] = item[2][4] end
end
return result
`

export interface RedisLearningOptions {
  readonly link: Pick<RedisLink, 'call'>
  /** Names this instance among the others: unlike any other one's, and new with each start. */
  readonly instance: string
  /** Begins the key; deployments that share a Redis differ in it. */
  readonly prefix?: string
}

/** Instances hand each other their lessons over a short stream in Redis. Flushing it loses nothing but time. */
export class RedisLearning implements LearningExchange {
  readonly #options: RedisLearningOptions
  #cursor = '0-0'

  constructor(options: RedisLearningOptions) {
    this.#options = options
  }

  async exchange(entries: readonly string[]): Promise<readonly string[] | undefined> {
    const reply = await this.#options.link.call(redis => this.#run(redis, entries))
    if (reply === undefined) return undefined
    const [cursor, ...received] = reply
    this.#cursor = cursor ?? this.#cursor
    return received
  }

  #run(redis: RedisClient, entries: readonly string[]): Promise<string[]> {
    const { instance, prefix = 'fundroute:' } = this.#options
    const bounds = [STREAM_ENTRIES_MAX, ENTRIES_PER_ROUND, KEEP_MS]
    const key = `${prefix}{learning}:lessons`
    return redis.eval(SCRIPT, 1, key, this.#cursor, instance, ...bounds, ...entries) as Promise<string[]>
  }
}
