import { annualRates } from './annual-rate.ts'
import { addMonths, assertIsoDate } from './calendar.ts'
import type { FeeItem, Instalment, InstalmentPlan, IsoDate } from './types.ts'

/** The longest plan that can be described; real offers are 1 to 24. */
export const INSTALMENTS_MAX = 60

const PPM = 1_000_000
const BPS = 10_000

/** A one-off charge at the start; `amount` in minor units. */
export interface UpfrontFee {
  readonly code: string
  readonly payee: string
  readonly amount: number
}

/** The price of one term. */
export interface InstalmentTerms {
  readonly instalments: number
  /** Flat fee per month on the original principal, in parts per million: 5,000 is 0.50 % a month. */
  readonly monthlyFeePpm: number
  /** Who receives the monthly fee; has to be named before signing. */
  readonly feePayee: string
  readonly feeRefundable: boolean
  readonly upfrontFees?: readonly UpfrontFee[]
  /** What the merchant gives up of the principal to fund the offer (750 is 7.5 %). */
  readonly merchantDiscountBps?: number
}

export interface Purchase {
  readonly currency: string
  /** Minor units. */
  readonly principal: number
  readonly startDate: IsoDate
  /**
   * When the first instalment falls due; one month after the start unless said. It may be later, which only makes the
   * stated rates an upper bound, but a plan with fees never has it earlier: the rates count whole months and would
   * then understate the price.
   */
  readonly firstDueDate?: IsoDate
}

/**
 * Lays out a flat-fee instalment plan in integers.
 *
 * Principal: P div n each, the remainder one unit at a time to the first instalments, so the sum is exactly P.
 * Fee: round-half-up(P x monthly rate) each, the same every month, so the sum is exactly that times n.
 *
 * @throws RangeError on misuse: amounts, rates or dates out of range, a principal below one unit per instalment, or
 * fees that swallow the principal. {@link offerInstalmentPlans} tells expected refusals as values.
 */
export function planInstalments(purchase: Purchase, terms: InstalmentTerms): InstalmentPlan {
  check(purchase, terms)
  const { principal, startDate } = purchase
  const { instalments } = terms
  const fee = roundedShare(principal, terms.monthlyFeePpm, PPM)
  const upfront = (terms.upfrontFees ?? []).reduce((sum, item) => sum + item.amount, 0)
  const merchantSubsidy = roundedShare(principal, terms.merchantDiscountBps ?? 0, BPS)
  const received = principal - upfront
  if (received <= 0 || merchantSubsidy >= received) throw new RangeError('fees swallow the principal')

  const schedule = layOut(purchase, instalments, fee)
  const payments = schedule.map(instalment => instalment.total)
  const payer = annualRates(received, payments)
  const lender = merchantSubsidy === 0 ? payer : annualRates(received - merchantSubsidy, payments)
  const totalFee = upfront + fee * instalments
  return {
    currency: purchase.currency,
    principal,
    instalments,
    startDate,
    schedule,
    feeItems: feeItems(terms, fee, merchantSubsidy),
    totalFee,
    totalPayable: principal + totalFee,
    annualRateSimple: payer.simple,
    annualRateCompound: payer.compound,
    lenderYieldSimple: lender.simple,
    lenderYieldCompound: lender.compound,
    merchantSubsidy,
    feeRefundable: terms.feeRefundable,
  }
}

function layOut(purchase: Purchase, instalments: number, fee: number): Instalment[] {
  const share = Math.floor(purchase.principal / instalments)
  const remainder = purchase.principal % instalments
  const firstDue = purchase.firstDueDate ?? addMonths(purchase.startDate, 1)
  // Without a due day of its own the schedule keeps the start's day, so that one of the 31st returns to the 31st.
  const anchor = purchase.firstDueDate === undefined ? purchase.startDate : firstDue
  const offset = purchase.firstDueDate === undefined ? 1 : 0
  return Array.from({ length: instalments }, (_, k) => {
    const principal = share + (k < remainder ? 1 : 0)
    return { number: k + 1, dueDate: addMonths(anchor, k + offset), principal, fee, total: principal + fee }
  })
}

/** Every item has a line: what is not listed may not be charged. */
function feeItems(terms: InstalmentTerms, fee: number, merchantSubsidy: number): FeeItem[] {
  const items: FeeItem[] = (terms.upfrontFees ?? []).map(item => ({
    code: item.code,
    payee: item.payee,
    bearer: 'payer',
    timing: 'upfront',
    total: item.amount,
  }))
  items.push({
    code: 'instalment_fee',
    payee: terms.feePayee,
    bearer: 'payer',
    timing: 'per_instalment',
    total: fee * terms.instalments,
  })
  if (merchantSubsidy > 0) {
    items.push({
      code: 'merchant_discount',
      payee: terms.feePayee,
      bearer: 'merchant',
      timing: 'upfront',
      total: merchantSubsidy,
    })
  }
  return items
}

/** round-half-up(amount x share / unit) without leaving the integers. */
function roundedShare(amount: number, share: number, unit: number): number {
  const product = amount * share
  if (!Number.isSafeInteger(product + unit)) throw new RangeError('amount too large for exact arithmetic')
  return Math.floor((product + unit / 2) / unit)
}

function check(purchase: Purchase, terms: InstalmentTerms): void {
  integer('principal', purchase.principal, 1, Number.MAX_SAFE_INTEGER)
  integer('instalments', terms.instalments, 1, INSTALMENTS_MAX)
  integer('monthlyFeePpm', terms.monthlyFeePpm, 0, PPM)
  integer('merchantDiscountBps', terms.merchantDiscountBps ?? 0, 0, BPS)
  for (const item of terms.upfrontFees ?? [])
    integer(`upfront fee ${item.code}`, item.amount, 1, purchase.principal)
  if (purchase.principal < terms.instalments) {
    throw new RangeError('the principal is below one minor unit per instalment')
  }
  assertIsoDate(purchase.startDate)
  if (purchase.firstDueDate !== undefined) {
    assertIsoDate(purchase.firstDueDate)
    const priced = terms.monthlyFeePpm > 0 || (terms.upfrontFees ?? []).length > 0
    const earliest = priced ? addMonths(purchase.startDate, 1) : purchase.startDate
    if (purchase.firstDueDate < earliest) throw new RangeError(`the first due date is before ${earliest}`)
  }
}

function integer(name: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be an integer from ${min} to ${max}`)
  }
}
