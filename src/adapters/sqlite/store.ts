import type { SqlDatabase, StoreContext } from './database.ts'
import { decisionCalls } from './store-decisions.ts'
import { findCalls } from './store-find.ts'
import { fundCalls } from './store-funds.ts'
import { outboxCalls } from './store-outbox.ts'
import { paymentCalls } from './store-payments.ts'
import { recordCalls } from './store-records.ts'

/** The journal in SQL, one synchronous function per method. A caller runs each in a transaction. */
export function storeCalls(context: StoreContext) {
  return {
    ...paymentCalls(context),
    ...findCalls(context),
    ...fundCalls(context),
    ...decisionCalls(context),
    ...outboxCalls(context),
    ...recordCalls(context),
  }
}

export type StoreCalls = ReturnType<typeof storeCalls>
export type CallName = keyof StoreCalls

/**
 * Makes one call; what it writes is applied as a whole or not at all. Misuse throws `TypeError`, everything else that
 * is thrown says that the database failed.
 */
export function performCall(
  db: SqlDatabase,
  calls: StoreCalls,
  name: CallName,
  args: readonly unknown[],
): unknown {
  const run = () => makeCall(db, calls, name, args)
  return READS.has(name) ? run() : db.transaction(run)
}

/** As `performCall`, but a call that throws may have written a part, which the caller takes back. */
export function makeCall(
  db: SqlDatabase,
  calls: StoreCalls,
  name: CallName,
  args: readonly unknown[],
): unknown {
  try {
    return (calls[name] as (...rest: readonly unknown[]) => unknown)(...args)
  } catch (error) {
    if (db.isConstraint(error)) throw new TypeError((error as Error).message, { cause: error })
    throw error
  }
}

/** Calls that write nothing and need no transaction. */
const READS: ReadonlySet<CallName> = new Set<CallName>([
  'find',
  'findByReference',
  'findByProviderReference',
  'findByKey',
  'findByOrder',
  'listOpen',
  'history',
  'findDecision',
  'listDecisions',
  'listOutcomes',
  'listFunds',
  'getRecord',
  'listRecords',
])
