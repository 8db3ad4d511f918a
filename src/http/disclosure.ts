import type { Money } from '../core/payment/money.ts'
import type { Caller } from './auth.ts'

const WINDOW_MS = 3_600_000
/** Amounts of one payer for which a shop is told whether credit is on offer, per hour. */
const AMOUNTS_MAX = 6
/** Answers with credit reasons about one payer, per hour. */
const ANSWERS_MAX = 60
/** Payers watched at a time; the one that was asked about longest ago goes first. */
const PAYERS_MAX = 20_000

interface Told {
  since: number
  readonly amounts: Set<string>
  answers: number
}

/**
 * Keeps what is told about one payer's credit within what a shopper needs. A shop learns whether credit is on offer for
 * its orders, but not the payer's limit by trying amounts; reasons are personal data, and nobody reads them in a loop.
 * Counted in this process.
 */
export class Disclosure {
  readonly #now: () => number
  readonly #payers = new Map<string, Told>()

  /** @param now monotonic ms */
  constructor(now: () => number) {
    this.#now = now
  }

  /** Whether the caller may learn if credit is on offer for this amount. The lender's own checkout always may. */
  tellsOffer(caller: Caller, payer: string, { currency, value }: Money): boolean {
    if (caller.scopes.has('creditReasons')) return true
    const { amounts } = this.#told(caller, payer)
    const amount = `${currency}/${value}`
    if (amounts.size < AMOUNTS_MAX) amounts.add(amount)
    return amounts.has(amount)
  }

  /** Whether the caller may read this payer's credit reasons now. */
  tellsReasons(caller: Caller, payer: string): boolean {
    if (!caller.scopes.has('creditReasons')) return false
    const told = this.#told(caller, payer)
    return ++told.answers <= ANSWERS_MAX
  }

  #told({ tenant }: Caller, payer: string): Told {
    const key = `${tenant}/${payer}`
    const now = this.#now()
    const known = this.#payers.get(key)
    this.#payers.delete(key)
    const told =
      known !== undefined && now - known.since < WINDOW_MS
        ? known
        : { since: now, amounts: new Set<string>(), answers: 0 }
    this.#payers.set(key, told)
    if (this.#payers.size > PAYERS_MAX) this.#payers.delete(this.#payers.keys().next().value as string)
    return told
  }
}
