import { applyMovement, newSourceState, type MovementResult, type PoolView } from './pool.ts'
import type { Pool, PoolMovement, Reservation, SourceState } from './types.ts'

/** A ledger in memory: the rows that `applyMovement` reads and writes. For simulation and for tests. */
export interface PoolBook extends PoolView {
  readonly sources: ReadonlyMap<string, SourceState>
  readonly reservations: ReadonlyMap<string, Reservation>
  /** Judges a movement and writes what it changes. */
  apply(movement: PoolMovement): MovementResult
  /** Forgets ended reservations and movement ids, as a journal does past its retention. */
  forgetEnded(): void
}

export function createPoolBook(pool: Pool, day = 0): PoolBook {
  const sources = new Map(pool.sources.map(source => [source.id, newSourceState(source, day)]))
  const reservations = new Map<string, Reservation>()
  const movements = new Set<string>()
  const book: PoolBook = {
    sources,
    reservations,
    source: id => sources.get(id),
    reservation: id => reservations.get(id),
    applied: movement => movements.has(movement),
    apply(movement) {
      const result = applyMovement(book, movement)
      if (result.outcome !== 'applied') return result
      movements.add(movement.id)
      for (const state of result.sources) sources.set(state.source, state)
      if (result.reservation) reservations.set(result.reservation.id, result.reservation)
      return result
    },
    forgetEnded() {
      movements.clear()
      for (const { id, status } of reservations.values()) if (status !== 'held') reservations.delete(id)
    },
  }
  return book
}
