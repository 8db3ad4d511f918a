import * as z from 'zod'
import { CURRENCY_DIGITS } from '../core/payment/money.ts'

/** Names of tenants, routes, pools, keys: they become metric labels, URL segments and parts of cache keys. */
export const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,47}$/, 'must be 1 to 48 of a-z, 0-9, _ and -, starting with a letter')

/** Name of an environment variable. The secret itself never stands in a configuration. */
export const envName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,99}$/, 'must be the name of an environment variable, such as CARD_A_TOKEN')

export const currency = z.enum(Object.keys(CURRENCY_DIGITS) as [string, ...string[]], {
  error: 'must be an ISO 4217 code in capitals that the gateway knows, such as CNY',
})

/** Place in a JSON document, RFC 6901. */
export const pointer = z
  .string()
  .max(200)
  .regex(/^(\/([^~/]|~[01])+)+$/, 'must be a JSON Pointer such as /order/id')

/** Where the gateway sends requests: no credentials in it, because it is shown and logged. */
export const httpUrl = z
  .string()
  .max(500)
  .refine(isPlainHttpUrl, 'must be an http or https URL without user, password or fragment')

/** Integer minor units. */
export const minorUnits = z.int().min(0)

/** Basis points of one whole. */
export const bps = z.int().min(0).max(10_000)

/** Chance between 0 and 1. */
export const chance = z.number().min(0).max(1)

export function listOf<T extends z.ZodType>(item: T, min: number, max: number) {
  return z.array(item).min(min).max(max)
}

function isPlainHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return (
    ['http:', 'https:'].includes(url.protocol) &&
    url.username === '' &&
    url.password === '' &&
    url.hash === ''
  )
}
