import * as z from 'zod'
import type { PayerFacts } from '../../../core/eligibility/facts.ts'
import type { Clock } from '../../../ports/clock.ts'
import type { EligibilityProvider, FactsAnswer } from '../../../ports/eligibility-provider.ts'
import type { HttpAnswer, HttpClient } from '../../../ports/http-client.ts'
import { jsonObject } from './answers.ts'

export interface HttpEligibilityOptions {
  readonly url: string
  readonly client: HttpClient
  readonly clock: Clock
  /** Sent as a bearer token. */
  readonly token?: string
}

export const instant = z.union([
  z.int().min(0),
  z.iso.datetime({ offset: true }).transform(text => Date.parse(text)),
])

/** Values of one source by their column. */
export const factValues = z
  .record(z.string().min(1).max(64), z.union([z.number(), z.string().max(64), z.null()]))
  .refine(values => Object.keys(values).length <= 200)

const factors = z
  .array(
    z.object({
      source: z.string().min(1).max(48),
      asOf: instant.exactOptional(),
      consent: z.boolean().exactOptional(),
      values: factValues,
    }),
  )
  .max(10)

const legal = z.object({
  birthDate: z.iso.date().nullable(),
  isStudent: z.boolean().nullable(),
  identityVerified: z.boolean().nullable(),
})

/** Fields that the protocol does not know are ignored, so that a provider may say more than we read. */
const factsSchema = z.object({
  activated: z.boolean(),
  frozen: z.boolean(),
  // Overdrawn is no credit, not a malformed answer.
  availableCredit: z.int().transform(value => Math.max(0, value)),
  creditLimit: z.int().min(0).exactOptional(),
  daysPastDue: z.int().min(0).max(100_000),
  factors: factors.exactOptional(),
  legal: legal.exactOptional(),
  monthlyIncome: z.int().min(0).exactOptional(),
  monthlyObligations: z.int().min(0).exactOptional(),
  existingCustomer: z.boolean().exactOptional(),
  tier: z.string().min(1).max(64).exactOptional(),
  restrictions: z
    .array(z.string().regex(/^[A-Z][A-Z0-9_]{1,63}$/))
    .max(20)
    .exactOptional(),
  asOf: instant.exactOptional(),
  version: z.union([z.string().min(1).max(64), z.int().transform(String)]).exactOptional(),
})

/** Longest time that a provider's clock may be ahead of ours before its `asOf` is not believed. */
const SKEW_MS = 60_000

/** Asks a lender's eligibility service by `GET {url}?payer=&currency=`. */
export class HttpEligibilityProvider implements EligibilityProvider {
  readonly #options: HttpEligibilityOptions
  readonly #prefix: string
  readonly #headers: Readonly<Record<string, string>>

  constructor(options: HttpEligibilityOptions) {
    this.#options = options
    this.#prefix = `${options.url}${options.url.includes('?') ? '&' : '?'}payer=`
    this.#headers = {
      accept: 'application/json',
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    }
  }

  async facts(
    payer: string,
    currency: string,
    options: { readonly timeoutMs: number; readonly traceparent?: string },
  ): Promise<FactsAnswer> {
    const { client, clock } = this.#options
    const askedAt = clock.now()
    const result = await client.request({
      method: 'GET',
      url: `${this.#prefix}${encodeURIComponent(payer)}&currency=${encodeURIComponent(currency)}`,
      headers:
        options.traceparent === undefined
          ? this.#headers
          : { ...this.#headers, traceparent: options.traceparent },
      timeoutMs: options.timeoutMs,
    })
    if (result.kind !== 'answer') return { kind: 'unavailable', cause: result.cause }
    return readFacts(result, askedAt)
  }
}

/**
 * Without a believable `asOf` the facts count as of the moment of asking: what was approved after that may or may
 * not be in them, and is then held back a second time rather than lent twice.
 */
function readFacts(answer: HttpAnswer, askedAt: number): FactsAnswer {
  if (answer.status === 404) {
    const own = answer.body.length === 0 || jsonObject(answer) !== undefined
    return own ? { kind: 'unknown_payer' } : { kind: 'unavailable', cause: 'HTTP 404' }
  }
  if (answer.status !== 200) return { kind: 'unavailable', cause: `HTTP ${answer.status}` }
  const parsed = factsSchema.safeParse(jsonObject(answer))
  if (!parsed.success) return { kind: 'unavailable', cause: 'unreadable' }
  const { asOf = askedAt, ...rest } = parsed.data
  const facts: PayerFacts = { ...rest, asOf: asOf > askedAt + SKEW_MS ? askedAt : asOf }
  return { kind: 'known', facts }
}
