import type { PromotionWindow } from '../../core/liquidity/forecast.ts'
import { BPS } from '../../core/payment/money.ts'
import { msOfHour, type Lender } from './lender.ts'
import type { Scenario, Shock, World } from './scenario.ts'

/** What the shocks make of the world, hour by hour. */
export interface Conditions {
  /** First hour of the first shock; 0 when there is none. */
  readonly shockAtHour: number
  /** Demand that the treasury's calendar knows of, in hours of the run. */
  readonly promotions: readonly PromotionWindow[]
  demandFactor(hour: number): number
  arrearsShare(hour: number): number
  /**
   * Brings the lender into the state of a whole hour: caps, openness, costs, refunds, delays.
   * @param paidLastDay volume paid in the last 24 hours, by credit and in all
   * @returns volume refunded in this hour
   */
  enterHour(hour: number, paidLastDay: { readonly credit: number; readonly all: number }): number
  /** Refunds that are paid out and not yet settled back, as of the last hour entered. */
  refundsInFlight(hour: number): number
}

export function createConditions(scenario: Scenario, lender: Lender): Conditions {
  const { world, shocks } = scenario
  const refunds = createRefunds(shocks, lender, world)
  const active = <K extends Shock['kind']>(kind: K, hour: number): Extract<Shock, { kind: K }>[] =>
    shocks.filter(
      (shock): shock is Extract<Shock, { kind: K }> => shock.kind === kind && isActive(shock, hour),
    )
  const triggered = new Set<string>()
  const product = (factors: readonly number[]): number => factors.reduce((a, b) => a * b, 1)
  return {
    shockAtHour: shocks.length === 0 ? 0 : Math.min(...shocks.map(({ atHour }) => atHour)),
    promotions: shocks.flatMap(shock =>
      shock.kind === 'demand' && shock.plannedFactor !== undefined
        ? [{ fromHour: shock.atHour, toHour: shock.atHour + shock.hours, multiplier: shock.plannedFactor }]
        : [],
    ),
    demandFactor: hour => product(active('demand', hour).map(({ factor }) => factor)),
    arrearsShare: hour =>
      Math.min(1, world.arrears.share * product(active('delinquency', hour).map(({ factor }) => factor))),
    enterHour(hour, paidLastDay) {
      for (const shock of active('funding_cost', hour)) {
        if (Math.ceil(shock.atHour) === hour) lender.addFundingCost(shock.addBps, shock.source)
      }
      for (const { delayHours } of active('settlement_delay', hour)) lender.runOff.delay(hour, delayHours)
      const refunded = refunds.pay(hour, paidLastDay)
      for (const source of world.sources) {
        // A securitisation that has reached its trigger buys nothing more, even if it recovers.
        if (source.kind === 'abs' && nplShare(source.id, lender) * BPS >= source.nplTriggerBps)
          triggered.add(source.id)
        const closed = active('source_closed', hour).some(shock => shock.source === source.id)
        const cuts = active('cap_change', hour).filter(shock => shock.source === source.id)
        const paidOut = source.kind === 'own_funds' ? Math.round(refunds.ownMoneyOut(hour)) : 0
        const factor = product(cuts.map(shock => shock.factor))
        const open = !closed && !triggered.has(source.id) && revolves(source, hour)
        lender.setSource(source, factor, paidOut, open)
      }
      return refunded
    },
    refundsInFlight: hour => refunds.inFlight(hour),
  }
}

function isActive(shock: Shock, hour: number): boolean {
  const hours = 'hours' in shock && shock.hours !== undefined ? shock.hours : Number.POSITIVE_INFINITY
  return hour >= shock.atHour && hour < shock.atHour + hours
}

function revolves(source: World['sources'][number], hour: number): boolean {
  return source.kind !== 'abs' || msOfHour(hour) < source.revolvingDays * 86_400_000
}

/** Share of a source's principal that does not perform. */
export function nplShare(source: string, lender: Lender): number {
  const used = lender.book.source(source)?.used ?? 0
  return used > 0 ? Math.min(1, lender.runOff.lost(source) / used) : 0
}

interface Refunds {
  pay(hour: number, paidLastDay: { readonly credit: number; readonly all: number }): number
  /** Cash of our own that refunds of other tenders have taken until merchants settle. */
  ownMoneyOut(hour: number): number
  inFlight(hour: number): number
}

function createRefunds(shocks: readonly Shock[], lender: Lender, world: World): Refunds {
  const waves = shocks.filter(shock => shock.kind === 'refund_wave')
  const out: { credit: number; own: number; backAtHour: number }[] = []
  const ids = world.sources.map(({ id }) => id)
  return {
    pay(hour, paidLastDay) {
      let refunded = 0
      for (const wave of waves.filter(shock => isActive(shock, hour))) {
        const part = wave.shareOfDay / wave.hours
        const credit = paidLastDay.credit * part
        const own = (paidLastDay.all - paidLastDay.credit) * part
        const backAtHour = Math.round(hour + wave.settlementHours)
        const used = ids.reduce((sum, id) => sum + (lender.book.source(id)?.used ?? 0), 0)
        for (const id of ids) {
          const share = used > 0 ? (lender.book.source(id)?.used ?? 0) / used : 0
          lender.runOff.bringForward(id, credit * share, backAtHour)
        }
        out.push({ credit, own, backAtHour })
        refunded += credit + own
      }
      return refunded
    },
    ownMoneyOut: hour => out.reduce((sum, wave) => sum + (hour < wave.backAtHour ? wave.own : 0), 0),
    inFlight: hour =>
      out.reduce((sum, wave) => sum + (hour < wave.backAtHour ? wave.credit + wave.own : 0), 0),
  }
}
