import { FundingPools } from '../gateway/pools.ts'
import type { GatewayPorts, Runtime } from '../gateway/runtime.ts'
import type { Background } from './background.ts'

/** How often funding pools are read from the journal, ms. */
const POOLS_REST_MS = 1_000

/** What credit routes need beside the upstream: where the money comes from. */
export interface Lending {
  readonly pools: FundingPools
}

/** Puts the lending side together, the same on every runtime. */
export function composeLending(ports: GatewayPorts, runtime: () => Runtime): Lending {
  return { pools: new FundingPools(ports, runtime) }
}

/** Brings it up to date once, so that the first decision sees it, and then steadily. */
export async function runLending(
  { pools }: Lending,
  background: Background,
  fault: (area: string, error: unknown) => void,
): Promise<void> {
  await pools.refresh().catch((error: unknown) => fault('pools', error))
  background.loop('pools', POOLS_REST_MS, async () => {
    await pools.refresh()
    return 'idle'
  })
}
