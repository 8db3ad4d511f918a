import type { Pool, Source } from '../core/liquidity/types.ts'
import type { PoolConfig } from './schema-pool.ts'

/** The pool as the core knows it, instants in Unix ms. */
export function poolOf({ id, currency, sources }: PoolConfig): Pool {
  return { id, currency, sources: sources.map(sourceOf) }
}

function sourceOf(config: PoolConfig['sources'][number]): Source {
  if (config.kind !== 'abs') return config
  const { revolvingUntil, ...terms } = config
  return { ...terms, revolvingUntilMs: Date.parse(revolvingUntil) }
}
