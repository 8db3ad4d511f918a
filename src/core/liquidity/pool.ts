import { BPS } from '../payment/money.ts'
import type { Leg, PoolMovement, Reservation, Source, SourceState } from './types.ts'

/** What the ledger has to look up to judge one movement: rows of the journal, or maps in memory. */
export interface PoolView {
  source(id: string): SourceState | undefined
  reservation(id: string): Reservation | undefined
  /** Whether a movement of this id was applied before. */
  applied(movement: string): boolean
}

export type MovementRefusal =
  | 'unknown_source'
  | 'unknown_reservation'
  /** The reservation exists, or has ended the other way. */
  | 'reservation_conflict'
  | 'closed'
  | 'over_cap'
  | 'over_quota'
  | 'over_reserved'
  | 'over_repaid'

/**
 * `applied` carries the new state of every row that changed, to be written together with the movement's id.
 * `duplicate` and `refused` change nothing.
 */
export type MovementResult =
  | {
      readonly outcome: 'applied'
      readonly sources: readonly SourceState[]
      readonly reservation?: Reservation
    }
  | { readonly outcome: 'duplicate' }
  | { readonly outcome: 'refused'; readonly reason: MovementRefusal; readonly source?: string }

/**
 * Change of one source, and at the same time the conditional update that a journal runs: it may be written only
 * if growth of `used + reserved` stays within the cap and growth of `drawnToday + reserved` within the quota.
 */
export interface SourceDelta {
  readonly source: string
  readonly used: number
  readonly reserved: number
  readonly drawnToday: number
}

/** The state of a source that nothing has moved yet. */
export function newSourceState(source: Source, day = 0): SourceState {
  return {
    source: source.id,
    cap: source.cap,
    announcedCap: source.cap,
    ...(source.dailyQuota === undefined ? {} : { dailyQuota: source.dailyQuota }),
    used: 0,
    reserved: 0,
    drawnToday: 0,
    day,
    capVersion: 0,
    open: true,
  }
}

/**
 * Splits a loan over its funders, to the fen. Our part of a joint loan is rounded up, because the law sets the
 * least that we must carry. Monotone in the amount, so that a smaller capture fits into its reservation.
 */
export function loanLegs(source: Source, amount: number): Leg[] {
  if (source.kind !== 'joint_loan') return [{ source: source.id, amount }]
  return splitJoint(source.id, source.ownSource, source.ownShareBps, amount)
}

function splitJoint(bank: string, own: string, ownShareBps: number, amount: number): Leg[] {
  const ownPart = Math.ceil((amount * ownShareBps) / BPS)
  return [
    { source: bank, amount: amount - ownPart },
    { source: own, amount: ownPart },
  ]
}

/**
 * Judges one movement against the ledger. Pure: the caller writes the states it returns in one transaction.
 * Safe to retry: a movement id counts once. Expected refusals are values; an amount that is not a positive
 * integer is misuse and throws `RangeError`.
 */
export function applyMovement(view: PoolView, movement: PoolMovement): MovementResult {
  if (view.applied(movement.id)) return { outcome: 'duplicate' }
  switch (movement.kind) {
    case 'reserve':
      return reserve(view, movement)
    case 'commit':
      return commit(view, movement)
    case 'release':
      return release(view, movement)
    case 'repayment':
      return moveUsed(view, movement.source, -positive(movement.amount))
    case 'drawdown':
      return moveUsed(view, movement.source, positive(movement.amount))
    case 'cap_change':
      return changeCap(view, movement)
    case 'day_start':
      return changeSource(view, movement.source, state =>
        movement.day > state.day ? { ...state, day: movement.day, drawnToday: 0 } : state,
      )
  }
}

function reserve(view: PoolView, movement: Extract<PoolMovement, { kind: 'reserve' }>): MovementResult {
  // Barred by an earlier release too: a cancelled attempt must not hold money when its reserve comes late.
  if (view.reservation(movement.reservation)) return { outcome: 'refused', reason: 'reservation_conflict' }
  const legs = movement.legs.filter(leg => leg.amount !== 0)
  if (legs.length === 0) throw new RangeError('a reservation needs an amount')
  const deltas = legs.map(leg => ({
    source: leg.source,
    used: 0,
    reserved: positive(leg.amount),
    drawnToday: 0,
  }))
  const { ownShareBps } = movement
  const reservation: Reservation = {
    id: movement.reservation,
    status: 'held',
    legs: movement.legs,
    ...(ownShareBps === undefined ? {} : { ownShareBps }),
  }
  return applyDeltas(view, deltas, reservation, true)
}

function commit(view: PoolView, movement: Extract<PoolMovement, { kind: 'commit' }>): MovementResult {
  const held = view.reservation(movement.reservation)
  if (!held) return { outcome: 'refused', reason: 'unknown_reservation' }
  if (held.status !== 'held') return { outcome: 'refused', reason: 'reservation_conflict' }
  const reservedTotal = held.legs.reduce((sum, leg) => sum + leg.amount, 0)
  if (positive(movement.amount) > reservedTotal) return { outcome: 'refused', reason: 'over_reserved' }
  const lent = legsOfCapture(held, movement.amount, reservedTotal)
  const deltas = held.legs.map((leg, index) => {
    const used = lent[index]?.amount ?? 0
    return { source: leg.source, used, reserved: -leg.amount, drawnToday: used }
  })
  return applyDeltas(view, deltas, { ...held, status: 'committed', legs: lent }, false)
}

function legsOfCapture(held: Reservation, amount: number, reservedTotal: number): readonly Leg[] {
  const [bank, own] = held.legs
  if (amount === reservedTotal || !bank) return held.legs
  if (!own || held.ownShareBps === undefined) return [{ source: bank.source, amount }]
  return splitJoint(bank.source, own.source, held.ownShareBps, amount)
}

function release(view: PoolView, movement: Extract<PoolMovement, { kind: 'release' }>): MovementResult {
  const held = view.reservation(movement.reservation) ?? {
    id: movement.reservation,
    status: 'held',
    legs: [],
  }
  // A loan that was made comes back by repayment only.
  if (held.status === 'committed') return { outcome: 'refused', reason: 'reservation_conflict' }
  if (held.status === 'released') return { outcome: 'applied', sources: [] }
  const deltas = held.legs.map(leg => ({ source: leg.source, used: 0, reserved: -leg.amount, drawnToday: 0 }))
  return applyDeltas(view, deltas, { ...held, status: 'released' }, false)
}

function moveUsed(view: PoolView, source: string, amount: number): MovementResult {
  return applyDeltas(view, [{ source, used: amount, reserved: 0, drawnToday: 0 }], undefined, false)
}

function applyDeltas(
  view: PoolView,
  deltas: readonly SourceDelta[],
  reservation: Reservation | undefined,
  mustBeOpen: boolean,
): MovementResult {
  const changed = new Map<string, SourceState>()
  for (const delta of deltas) {
    const before = changed.get(delta.source) ?? view.source(delta.source)
    if (!before) return { outcome: 'refused', reason: 'unknown_source', source: delta.source }
    if (mustBeOpen && !before.open) return { outcome: 'refused', reason: 'closed', source: delta.source }
    const after = applyDelta(before, delta)
    if (typeof after === 'string') return { outcome: 'refused', reason: after, source: delta.source }
    changed.set(delta.source, after)
  }
  return { outcome: 'applied', sources: [...changed.values()], ...(reservation ? { reservation } : {}) }
}

/** The new state of a source, or why the change may not be made. */
export function applyDelta(
  state: SourceState,
  delta: SourceDelta,
): SourceState | 'over_cap' | 'over_quota' | 'over_repaid' {
  const used = state.used + delta.used
  const reserved = state.reserved + delta.reserved
  const drawnToday = state.drawnToday + delta.drawnToday
  if (used < 0 || reserved < 0) return 'over_repaid'
  if (delta.used + delta.reserved > 0 && used + reserved > state.cap) return 'over_cap'
  const grows = delta.drawnToday + delta.reserved > 0
  if (grows && state.dailyQuota !== undefined && drawnToday + reserved > state.dailyQuota) return 'over_quota'
  return withCap({ ...state, used, reserved, drawnToday })
}

function changeCap(view: PoolView, movement: Extract<PoolMovement, { kind: 'cap_change' }>): MovementResult {
  if (!Number.isSafeInteger(movement.cap) || movement.cap < 0) throw new RangeError('a cap is a whole amount')
  return changeSource(view, movement.source, state => {
    if (movement.version <= state.capVersion) return state
    const { dailyQuota: _, ...rest } = state
    return withCap({
      ...rest,
      ...(movement.dailyQuota === undefined ? {} : { dailyQuota: movement.dailyQuota }),
      announcedCap: movement.cap,
      capVersion: movement.version,
      open: movement.open,
    })
  })
}

function changeSource(
  view: PoolView,
  source: string,
  change: (state: SourceState) => SourceState,
): MovementResult {
  const before = view.source(source)
  if (!before) return { outcome: 'refused', reason: 'unknown_source', source }
  const after = change(before)
  return { outcome: 'applied', sources: after === before ? [] : [after] }
}

/** A cap cut below what is out leaves no room, and follows the loans down as they are repaid. */
function withCap(state: SourceState): SourceState {
  return { ...state, cap: Math.max(state.announcedCap, state.used + state.reserved) }
}

function positive(amount: number): number {
  if (!Number.isSafeInteger(amount) || amount <= 0)
    throw new RangeError('an amount is a positive integer of minor units')
  return amount
}
