import { MemoryJournal } from '../../adapters/memory/journal.ts'
import type { Payment } from '../../core/payment/payment.ts'
import { hasOpenWork, isClear } from '../../core/payment/transition.ts'
import {
  type BeginResult,
  type BeginWrite,
  type FundSource,
  type Journal,
  JournalUnavailable,
  type PaymentWrite,
  type SaveResult,
  type StoredPayment,
} from '../../ports/journal.ts'
import type { Dice } from './dice.ts'
import type { FaultPlan } from './fault-plan.ts'
import { EPOCH_MS, type Incarnation } from './incarnation.ts'
import type { Scheduler } from './scheduler.ts'

/** A payment that somebody has to work on, as the journal knows it. */
interface OpenRow {
  dueAt: number
  leaseUntil: number
  parked: boolean
}

export interface JournalWatcher {
  /** A write has been applied. It may still be lost with the power. */
  applied(payment: Payment, write: BeginWrite | PaymentWrite, by: Incarnation): void
  /** An INTENT has taken its part of the pool, whose counters were these right after it. */
  reserved(funds: readonly FundSource[], by: Incarnation): void
  /** The pool had too little left for an INTENT. */
  exhausted(payment: Payment, by: Incarnation): void
  /** It cannot be lost any more. */
  durable(payment: Payment): void
  claimed(stored: StoredPayment, by: Incarnation): void
  /** What was not synced is gone; these are left and open. */
  powerLost(open: readonly StoredPayment[]): void
}

/** Who has called and waits, and how the answer gets there. */
interface Caller<T> {
  readonly who: Incarnation
  readonly travelMs: number
  readonly slowMs: number
  /** The deed is done, and nobody hears of it. */
  readonly silent: boolean
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

/**
 * The one journal of all instances: a server that does what it is asked at a moment of its own, syncs in groups and
 * answers only then. It fails before or after the deed, or does it long after it seemed to have failed; when power is
 * lost, so is everything since the last sync.
 */
export class SimulatedJournal {
  readonly memory: MemoryJournal
  readonly open = new Map<string, OpenRow>()
  /** Told when a payment has become due earlier than anyone could know. */
  onDue: (at: number) => void = () => undefined
  /** Told when a process has called and waits. */
  onCall: (who: Incarnation, dice: Dice) => void = () => undefined
  readonly #scheduler: Scheduler
  readonly #plan: FaultPlan
  readonly #dice: Dice
  readonly #watcher: JournalWatcher
  #waiting: { readonly caller: Caller<unknown>; readonly value: unknown }[] = []
  #unsynced: Payment[] = []
  #syncing = false
  #downUntil = 0

  constructor(scheduler: Scheduler, plan: FaultPlan, dice: Dice, watcher: JournalWatcher) {
    this.#scheduler = scheduler
    this.#plan = plan
    this.#dice = dice
    this.#watcher = watcher
    this.memory = new MemoryJournal({ now: () => this.now(), keepTail: true })
  }

  /** The journal's own clock, Unix ms. */
  now(): number {
    return Math.floor(EPOCH_MS + this.#scheduler.now)
  }

  /** Unreachable for a while. */
  goDown(ms: number): void {
    this.#downUntil = Math.max(this.#downUntil, this.#scheduler.now + ms)
  }

  losePower(ms: number): void {
    this.goDown(ms)
    this.memory.rollBack(0)
    const waiting = this.#waiting
    this.#forgetTail()
    for (const { caller } of waiting) fail(caller)
    void this.#reread()
  }

  /** True time at which the next payment can be claimed; undefined when all that is open waits for a person. */
  nextClaim(): number | undefined {
    let next: number | undefined
    for (const { dueAt, leaseUntil, parked } of this.open.values()) {
      const at = Math.max(dueAt, leaseUntil + 2_001) - EPOCH_MS
      if (!parked && (next === undefined || at < next)) next = at
    }
    return next
  }

  /** The journal as one process reaches it. */
  reachedBy(who: Incarnation, diceOf: (payment: Payment) => Dice): Journal {
    const ask = <T>(run: () => Promise<T>) => this.#call(who, this.#dice, run)
    const { memory } = this
    return {
      begin: write =>
        this.#call(who, diceOf(write.payment), () =>
          this.#watched(memory.begin(withoutDecision(write)), write, who),
        ),
      save: write =>
        this.#call(who, diceOf(write.payment), () =>
          this.#watched(memory.save(withoutDecision(write)), write, who),
        ),
      claimDue: (limit, leaseMs) =>
        ask(async () => {
          const claimed = await memory.claimDue(limit, leaseMs)
          for (const stored of claimed) this.#claimed(stored, leaseMs, who)
          return claimed
        }),
      claim: (tenant, id, leaseMs) =>
        ask(async () => {
          const stored = await memory.claim(tenant, id, leaseMs)
          if (stored !== undefined) this.#claimed(stored, leaseMs, who)
          return stored
        }),
      find: (tenant, id) => ask(() => memory.find(tenant, id)),
      findByReference: reference => ask(() => memory.findByReference(reference)),
      findByProviderReference: (...args) => ask(() => memory.findByProviderReference(...args)),
      findByKey: (tenant, key) => ask(() => memory.findByKey(tenant, key)),
      findByOrder: (tenant, order, limit) => ask(() => memory.findByOrder(tenant, order, limit)),
      listOpen: (tenant, limit) => ask(() => memory.listOpen(tenant, limit)),
      history: (tenant, id) => ask(() => memory.history(tenant, id)),
      appendDecisions: rows => ask(() => memory.appendDecisions(rows)),
      findDecision: (tenant, id) => ask(() => memory.findDecision(tenant, id)),
      listDecisions: (tenant, from, to, limit) => ask(() => memory.listDecisions(tenant, from, to, limit)),
      appendOutcome: (tenant, row) => ask(() => memory.appendOutcome(tenant, row)),
      listOutcomes: (tenant, decision, limit) => ask(() => memory.listOutcomes(tenant, decision, limit)),
      claimOutbox: (limit, leaseMs) => ask(() => memory.claimOutbox(limit, leaseMs)),
      settleOutbox: (id, endpoint, dueAt) => ask(() => memory.settleOutbox(id, endpoint, dueAt)),
      putOutbox: items => ask(() => memory.putOutbox(items)),
      declareFunds: (pool, source, cap) => ask(() => memory.declareFunds(pool, source, cap)),
      listFunds: () => ask(() => memory.listFunds()),
      moveFunds: movement => ask(() => memory.moveFunds(movement)),
      putRecord: (row, version) => ask(() => memory.putRecord(row, version)),
      getRecord: (collection, key) => ask(() => memory.getRecord(collection, key)),
      listRecords: (collection, prefix, limit) => ask(() => memory.listRecords(collection, prefix, limit)),
      check: () => ask(() => memory.check()),
      close: () => Promise.resolve(),
    }
  }

  #call<T>(who: Incarnation, dice: Dice, run: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const plan = this.#plan
      const travelMs = dice.between(0.1, 1)
      this.onCall(who, dice)
      if (dice.chance(plan.journal_refuses)) {
        who.deliver(travelMs, () => reject(UNAVAILABLE))
        return
      }
      if (dice.chance(plan.journal_late)) {
        who.deliver(dice.between(1, 1_000), () => reject(UNAVAILABLE))
        this.#scheduler.after(dice.between(1, 5_000), () => this.#perform(run, undefined))
        return
      }
      const silent = dice.chance(plan.journal_silent)
      const slowMs = dice.chance(plan.journal_slow) ? dice.between(50, 3_000) : 0
      const caller: Caller<T> = { who, travelMs, slowMs, silent, resolve, reject }
      this.#scheduler.after(travelMs, () => this.#perform(run, caller))
    })
  }

  /** Does one thing now and answers when it is synced. */
  #perform<T>(run: () => Promise<T>, caller: Caller<T> | undefined): void {
    if (this.#scheduler.now < this.#downUntil) {
      if (caller !== undefined) fail(caller)
      return
    }
    run().then(
      value => this.#performed(value, caller),
      (error: Error) => caller?.who.deliver(caller.travelMs, () => caller.reject(error)),
    )
  }

  #performed<T>(value: T, caller: Caller<T> | undefined): void {
    if (caller !== undefined) this.#waiting.push({ caller: caller as Caller<unknown>, value })
    if (this.#syncing) return
    this.#syncing = true
    this.#scheduler.quietlyAfter(this.#dice.between(0.2, 2), () => this.#sync())
  }

  #sync(): void {
    this.memory.settleTail()
    const answers = this.#waiting
    const payments = this.#unsynced
    this.#forgetTail()
    for (const payment of payments) this.#watcher.durable(payment)
    for (const { caller, value } of answers) {
      if (caller.silent) fail(caller)
      else caller.who.deliver(caller.travelMs + caller.slowMs, () => caller.resolve(value))
    }
  }

  #forgetTail(): void {
    this.#waiting = []
    this.#unsynced = []
    this.#syncing = false
  }

  #wrote(payment: Payment, write: BeginWrite | PaymentWrite, by: Incarnation): void {
    this.#unsynced.push(payment)
    const row = this.open.get(payment.id)
    const leaseMs = write.leaseMs
    const leaseUntil = leaseMs === undefined ? (row?.leaseUntil ?? 0) : leaseMs > 0 ? this.now() + leaseMs : 0
    this.#note(payment, write.dueAt, leaseUntil)
    this.#watcher.applied(payment, write, by)
  }

  /** A write that is under way, and the oracle told of what it has done. */
  async #watched<Result extends BeginResult | SaveResult>(
    writing: Promise<Result>,
    write: BeginWrite | PaymentWrite,
    by: Incarnation,
  ): Promise<Result> {
    // Asked for in the same turn, before another write can change it.
    const funds = write.reserve?.funds === undefined ? undefined : this.memory.listFunds()
    const result = await writing
    const written = result.kind === 'begun' || result.kind === 'saved'
    if (written) this.#wrote(write.payment, write, by)
    if (funds === undefined) return result
    if (written) this.#watcher.reserved(await funds, by)
    else if (result.kind === 'refused' && result.reason === 'funds_exhausted') {
      this.#watcher.exhausted(write.payment, by)
    }
    return result
  }

  #claimed(stored: StoredPayment, leaseMs: number, by: Incarnation): void {
    const row = this.open.get(stored.payment.id)
    if (row !== undefined) row.leaseUntil = this.now() + leaseMs
    this.#watcher.claimed(stored, by)
  }

  #note(payment: Payment, dueAt: number | null, leaseUntil: number): void {
    if (dueAt === null || !hasOpenWork(payment)) {
      this.open.delete(payment.id)
      return
    }
    this.open.set(payment.id, { dueAt, leaseUntil, parked: isParked(payment) })
    this.onDue(Math.max(dueAt, leaseUntil + 2_001) - EPOCH_MS)
  }

  /** After a loss the rows are as they were, but nobody remembers since when they are due: they are due now. */
  async #reread(): Promise<void> {
    const rows = await this.memory.listOpen(undefined, 10_000)
    this.#watcher.powerLost(rows)
    const before = new Map(this.open)
    this.open.clear()
    for (const { payment } of rows) {
      const leaseUntil = before.get(payment.id)?.leaseUntil ?? 0
      this.#note(payment, hasOpenWork(payment) ? this.now() : null, leaseUntil)
    }
  }
}

/** Nothing in a world reads the records of decisions, and keeping them costs more than all else that is kept. */
function withoutDecision<Write extends BeginWrite | PaymentWrite>({
  decision: _unread,
  ...write
}: Write): Write {
  return write as Write
}

/** Only a person can move it on. One whose attempts have all been closed meanwhile can be ended by any instance. */
function isParked(payment: Payment): boolean {
  return payment.manual !== undefined && (payment.result !== undefined || !isClear(payment))
}

/** Nobody can say whether it was done. */
function fail({ who, travelMs, reject }: Caller<never>): void {
  who.deliver(travelMs, () => reject(UNAVAILABLE))
}

/** One for all: nobody reads where it was thrown, and a stack for each would cost more than what it interrupts. */
const UNAVAILABLE = new JournalUnavailable('simulated')
