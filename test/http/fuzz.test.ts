import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTarget } from './harness.ts'
import { cny, contextOf, inFixedOrder } from './payments.ts'
import type { Target } from './target.ts'

/** Every text of a mutation holds it; no answer to a refused request may. */
const CANARY = 'zq9canary'

let target: Target
beforeAll(async () => {
  target = await startTarget({ change: inFixedOrder })
})
afterAll(() => target.stop())

/** A context that fills every field. */
const whole = () => ({
  ...contextOf(),
  payer: { id: 'u-1', locale: 'en' },
  merchant: { id: 'm-1', mcc: '5732' },
  items: [{ id: 'sku-1', category: 'electronics', amount: cny(129_900) }],
  funding: {
    accept: [{ tender: 'card' }, { tender: 'wallet' }],
    preference: 'best_value',
    instruments: { card: { token: 'tok_1', bin: '622202', issuer: 'ICBC' } },
  },
  capture: 'automatic',
  returnUrl: 'https://shop.example/return',
  metadata: { basket: '7' },
})

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const hostile: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, 0, -1, 0.5, 1e21, 2 ** 53, [], {}, ''),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'grapheme', maxLength: 300 }).map(text => CANARY + text),
  fc
    .constantFrom('__proto__', 'constructor', '\u0000', '\ud800', '../..', '<script>', "' or 1=1", '${7*7}')
    .map(text => text + CANARY),
  fc.jsonValue({ maxDepth: 6 }) as fc.Arbitrary<Json>,
)

type Place = readonly (string | number)[]

function placesOf(value: unknown, at: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [at]
  return [
    at,
    ...Object.entries(value).flatMap(([key, inner]) =>
      placesOf(inner, [...at, Array.isArray(value) ? Number(key) : key]),
    ),
  ]
}

/** The value with another one put in a place; `undefined` takes it out. */
function withChange(value: unknown, place: Place, change: unknown): unknown {
  const [first, ...rest] = place
  if (first === undefined) return change
  // No JSON has it, and JavaScript does not let it be anything.
  if (Array.isArray(value) && first === 'length') return value
  const copy: Record<string | number, unknown> = Array.isArray(value)
    ? ([...value] as never)
    : { ...(value as object) }
  copy[first] = withChange(copy[first], rest, change)
  return copy
}

interface Mutation {
  readonly place: number
  readonly kind: string
  readonly value: Json
  readonly key: string
}
const mutation: fc.Arbitrary<Mutation> = fc.record({
  place: fc.nat({ max: 60 }),
  kind: fc.constantFrom('replace', 'remove', 'add'),
  value: hostile,
  key: fc.string({ maxLength: 20 }),
})

function mutated(changes: readonly Mutation[]): string {
  let body: unknown = whole()
  for (const { place, kind, value, key } of changes) {
    const places = placesOf(body)
    const at = places[place % places.length] ?? []
    if (kind === 'remove') body = withChange(body, at, undefined)
    else body = withChange(body, kind === 'add' ? [...at.slice(0, -1), key] : at, value)
  }
  return JSON.stringify(body) ?? ''
}

async function holds(path: string, raw: string | Uint8Array): Promise<void> {
  const { status, text } = await target.api('POST', path, {
    raw,
    headers: { 'idempotency-key': crypto.randomUUID() },
  })
  expect(status).toBeLessThan(500)
  if (status >= 400) expect(text).not.toContain(CANARY)
}

const path = fc.constantFrom('/v1/payments', '/v1/payments', '/v1/decisions', '/v1/quotes')

describe('no body', () => {
  it('made from a valid one by changing, adding and taking out is a fault, nor is told back', async () => {
    await fc.assert(
      fc.asyncProperty(path, fc.array(mutation, { minLength: 1, maxLength: 4 }), (where, changes) =>
        holds(where, mutated(changes)),
      ),
      { numRuns: 700 },
    )
  })

  it('made from a valid one by cutting, doubling and replacing bytes is a fault', async () => {
    const edit = fc.record({
      at: fc.nat(),
      length: fc.nat({ max: 20 }),
      bytes: fc.uint8Array({ maxLength: 8 }),
    })
    await fc.assert(
      fc.asyncProperty(path, fc.array(edit, { minLength: 1, maxLength: 3 }), (where, edits) => {
        let bytes = [...new TextEncoder().encode(JSON.stringify(whole()))]
        for (const { at, length, bytes: put } of edits)
          bytes = bytes.toSpliced(at % bytes.length, length, ...put)
        return holds(where, Uint8Array.from(bytes))
      }),
      { numRuns: 300 },
    )
  })

  it('of anything at all is a fault, whichever endpoint it is sent to', async () => {
    const anywhere = fc.constantFrom(
      '/v1/payments/pay_1/refunds',
      '/v1/payments/pay_1/capture',
      '/v1/payments/pay_1/cancel',
      '/v1/decisions/dec_1/outcomes',
      '/v1/notifications/card_a',
    )
    await fc.assert(
      fc.asyncProperty(anywhere, hostile, (where, value) => holds(where, JSON.stringify(value))),
      { numRuns: 200 },
    )
  })
})

describe('no header', () => {
  it('is a fault, nor is told back', async () => {
    const name = fc.constantFrom(
      'accept-language',
      'traceparent',
      'tracestate',
      'x-request-id',
      'prefer',
      'content-type',
      'idempotency-key',
      'accept',
      'if-match',
    )
    const value = fc.string({
      unit: fc.constantFrom(...Array.from('abz09 ,;=*/-_.q\u00e9\t"')),
      maxLength: 200,
    })
    await fc.assert(
      fc.asyncProperty(name, value, async (header, text) => {
        const { status, text: answer } = await target.api('POST', '/v1/decisions', {
          body: contextOf(),
          headers: { [header]: `${text.trim()}${CANARY}` },
        })
        expect(status).toBeLessThan(500)
        expect(answer).not.toContain(CANARY)
      }),
      { numRuns: 200 },
    )
  })
})
