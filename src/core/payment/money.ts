/** An amount of money: ISO 4217 code and an integer number of minor units (fen, cents). Never a float. */
export interface Money {
  readonly currency: string
  readonly value: number
}

/** Basis points in one whole. */
export const BPS = 10_000

/** Whether two amounts are the same currency and the same number of minor units. */
export function sameMoney(a: Money, b: Money): boolean {
  return a.currency === b.currency && a.value === b.value
}

/**
 * The ISO 4217 currencies that the gateway accepts, with the number of minor-unit digits.
 * Amounts cross every boundary in minor units; digits matter only where a person reads them.
 */
export const CURRENCY_DIGITS: Readonly<Record<string, number>> = {
  AED: 2,
  AUD: 2,
  BHD: 3,
  BRL: 2,
  CAD: 2,
  CHF: 2,
  CNY: 2,
  CZK: 2,
  DKK: 2,
  EUR: 2,
  GBP: 2,
  HKD: 2,
  HUF: 2,
  IDR: 2,
  ILS: 2,
  INR: 2,
  JOD: 3,
  JPY: 0,
  KRW: 0,
  KWD: 3,
  MOP: 2,
  MXN: 2,
  MYR: 2,
  NOK: 2,
  NZD: 2,
  OMR: 3,
  PHP: 2,
  PLN: 2,
  RON: 2,
  SAR: 2,
  SEK: 2,
  SGD: 2,
  THB: 2,
  TND: 3,
  TRY: 2,
  TWD: 2,
  USD: 2,
  VND: 0,
  ZAR: 2,
}
