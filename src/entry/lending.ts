import { CreditDesk } from '../gateway/credit-desk.ts'
import { FundingPools } from '../gateway/pools.ts'
import type { FundBooks } from '../gateway/fund-books.ts'
import type { GatewayPorts, Runtime } from '../gateway/runtime.ts'
import type { AdminCredit } from '../http/admin-credit.ts'
import type { Background } from './background.ts'

/** How often funding pools and the appetite for risk are read from the journal, ms. */
const REST_MS = 1_000

/** What credit routes need beside the upstream: where the money comes from, and who may have it. */
export interface Lending {
  readonly pools: FundingPools
  readonly credit: CreditDesk
}

/**
 * Puts the lending side together, the same on every runtime.
 * @param books where the counters of the pools are; by default in the journal alone
 */
export function composeLending(ports: GatewayPorts, runtime: () => Runtime, books?: FundBooks): Lending {
  const pools = new FundingPools(ports, runtime, books)
  const credit = new CreditDesk(ports, runtime, () => ({
    liquidity: pools.worstLevel(),
    rollRateChange: pools.highest('rollRateChange'),
    firstPaymentDefaultChange: pools.highest('firstPaymentDefaultChange'),
  }))
  return { pools, credit }
}

const HOUR_MS = 3_600_000

/** The appetite for risk and the scorecards in use, for operators. */
export function adminCredit({ credit }: Lending, now: () => number): AdminCredit {
  return {
    appetite: () => credit.appetite.view(),
    setAppetite: ({ hours, ...order }) => credit.appetite.set({ ...order, untilMs: now() + hours * HOUR_MS }),
    matured: (route, outcomes) => credit.scores.matured(route, outcomes),
  }
}

/** Brings it up to date once, so that the first decision sees it, and then steadily. */
export async function runLending(
  { pools, credit }: Lending,
  background: Background,
  fault: (area: string, error: unknown) => void,
): Promise<void> {
  const refresh = async (): Promise<'idle'> => {
    await pools.refresh()
    await credit.appetite.refresh()
    return 'idle'
  }
  await refresh().catch((error: unknown) => fault('lending', error))
  background.loop('lending', REST_MS, refresh)
}
