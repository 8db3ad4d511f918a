import { type PoolConfig, Pool, types } from 'pg'
import { JournalUnavailable } from '../../ports/journal.ts'
import { SCHEMA } from './migrations.ts'

const INT8 = 20

export interface ConnectionOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string
  /** Connections at most, two of which write. */
  readonly connectionsMax?: number
}

/**
 * Every statement finds its rows by an index, whatever the size of the tables: a plan that was made when they were
 * empty stays right when they have grown, and none is made twice.
 */
const SERVER_SETTINGS = [
  `search_path=${SCHEMA}`,
  'plan_cache_mode=force_generic_plan',
  'enable_seqscan=off',
  'jit=off',
]

/**
 * Settings of every connection. All waits are bounded: by the server, and one second later by this side, in case the
 * server does not answer at all.
 */
export function connectionConfig({ url, connectionsMax = 8 }: ConnectionOptions): PoolConfig {
  return {
    connectionString: url,
    max: connectionsMax,
    application_name: 'fundroute',
    options: SERVER_SETTINGS.map(setting => `-c ${setting}`).join(' '),
    connectionTimeoutMillis: 1_000,
    statement_timeout: 4_000,
    query_timeout: 5_000,
    lock_timeout: 2_000,
    idle_in_transaction_session_timeout: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    types: {
      // Everything that is stored as bigint here is a safe integer.
      getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
        oid === INT8 ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
    },
  }
}

export function openPool(options: ConnectionOptions): Pool {
  const pool = new Pool(connectionConfig(options))
  // A connection that dies while it is idle is replaced by the pool; the next query tells if that fails too.
  pool.on('error', () => {})
  return pool
}

/** Integrity constraints (23) and values that the server cannot take (22): the caller's fault, nothing was written. */
export function isMisuse(error: unknown): boolean {
  const code = codeOf(error)
  return code !== undefined && (code.startsWith('23') || code.startsWith('22'))
}

/** Deadlock and serialization failure: the server has taken everything back, so that it may be tried again. */
export function isRetryable(error: unknown): boolean {
  const code = codeOf(error)
  return code === '40P01' || code === '40001'
}

/** The error that a caller of the journal sees. It carries the server's code, and none of its values. */
export function journalError(error: unknown): Error {
  const code = codeOf(error) ?? (error as Error).name
  if (isMisuse(error)) return new TypeError(`the journal refuses the write (${code})`, { cause: error })
  return new JournalUnavailable(`PostgreSQL cannot say whether it is written (${code})`, { cause: error })
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown }).code
  return typeof code === 'string' ? code : undefined
}
