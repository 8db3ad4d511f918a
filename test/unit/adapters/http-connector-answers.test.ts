import { describe, expect, it } from 'vitest'
import type { HttpAnswer } from '../../../src/ports/http-client.ts'
import { answered } from '../../support/fake-http-client.ts'
import { amount, connect, own, reference, request, unknown } from '../../support/http-connector.ts'

const declined = { kind: 'declined', category: 'invalid_request' }

describe('what an answer to a payment proves', () => {
  it.each<[string, number, unknown, object]>([
    [
      'an approval',
      200,
      { ...own, status: 'approved' },
      { kind: 'approved', amount, providerReference: 'p-1' },
    ],
    ['an approval with 201', 201, { ...own, status: 'approved' }, { kind: 'approved' }],
    ['an authorization', 200, { ...own, status: 'authorized' }, { kind: 'authorized', amount }],
    ['processing', 202, { reference, status: 'processing' }, { kind: 'processing' }],
    ['an approval without our reference', 200, { status: 'approved', amount }, unknown('mismatch')],
    ['an approval without an amount', 200, { status: 'approved', reference }, unknown('mismatch')],
    [
      'an approval of another amount',
      200,
      { ...own, status: 'approved', amount: { currency: 'CNY', value: 12_901 } },
      unknown('mismatch'),
    ],
    [
      'an approval in another currency',
      200,
      { ...own, status: 'approved', amount: { currency: 'USD', value: 12_900 } },
      unknown('mismatch'),
    ],
    [
      'an approval whose amount is text',
      200,
      { ...own, status: 'approved', amount: { currency: 'CNY', value: '12900' } },
      unknown('mismatch'),
    ],
    [
      'an approval whose amount is no object',
      200,
      { ...own, status: 'approved', amount: 12_900 },
      unknown('mismatch'),
    ],
    [
      'an approval of another reference',
      200,
      { ...own, status: 'approved', reference: 'x' },
      unknown('mismatch'),
    ],
    ['a refusal of another reference', 200, { status: 'declined', reference: 'x' }, unknown('mismatch')],
    ['a refusal without a reference', 200, { status: 'declined' }, unknown('mismatch')],
    [
      'a refusal of another amount',
      200,
      { reference, status: 'declined', amount: { currency: 'CNY', value: 1 } },
      unknown('mismatch'),
    ],
    ['a status that nobody knows', 200, { ...own, status: 'ok' }, unknown('unreadable')],
    ['a status of the prototype', 200, { ...own, status: 'constructor' }, unknown('unreadable')],
    ['no status', 200, own, unknown('unreadable')],
    ['text', 200, 'OK', unknown('unreadable')],
    ['an empty body', 200, '', unknown('unreadable')],
    ['a list', 200, [own], unknown('unreadable')],
    ['null', 200, 'null', unknown('unreadable')],
    ['a redirect', 307, { ...own, status: 'declined' }, unknown('upstream_error')],
    ['304', 304, '', unknown('upstream_error')],
    ['a bare 400', 400, '', unknown('upstream_error')],
    ['a page with 403', 403, '<html>blocked</html>', unknown('upstream_error')],
    ['a problem document with 400', 400, { title: 'Bad Request' }, unknown('upstream_error')],
    ['401', 401, { error: 'unauthorized' }, unknown('upstream_error')],
    ['404', 404, { error: 'not_found' }, unknown('upstream_error')],
    ['408', 408, '', unknown('upstream_error')],
    ['409 for a reference in use', 409, { error: 'duplicate_reference' }, unknown('upstream_error')],
    [
      '409 with our reference as processing',
      409,
      { ...own, status: 'processing' },
      unknown('upstream_error'),
    ],
    ['422 that claims an approval', 422, { ...own, status: 'approved' }, unknown('upstream_error')],
    ['400 that names our reference', 400, { reference, declineCode: 'E12' }, { ...declined, code: 'E12' }],
    ['400 that names another reference', 400, { reference: 'x' }, unknown('upstream_error')],
    [
      '402 with our refused record',
      402,
      { ...own, status: 'declined', declineCategory: 'insufficient_funds' },
      { kind: 'declined', category: 'insufficient_funds' },
    ],
    ['429', 429, { error: 'slow down' }, unknown('upstream_error')],
    ['429 that names our reference', 429, { reference }, unknown('upstream_error')],
    ['500', 500, '', unknown('upstream_error')],
    ['503 with a refusal in words', 503, { ...own, status: 'declined' }, unknown('upstream_error')],
    [
      '503 with a category of its own',
      503,
      { ...own, status: 'declined', declineCategory: 'upstream_unavailable' },
      unknown('upstream_error'),
    ],
    [
      '503 with a code that this route lists',
      503,
      { ...own, status: 'declined', declineCode: 'BUSY' },
      { kind: 'declined', category: 'upstream_unavailable', code: 'BUSY' },
    ],
    [
      '503 with a listed code for another reference',
      503,
      { reference: 'x', status: 'declined', declineCode: 'BUSY' },
      unknown('upstream_error'),
    ],
  ])('%s', async (_, status, body, expected) => {
    const { pay } = connect({ declineCodes: { BUSY: 'upstream_unavailable' } })
    expect(await pay(answered(status, body))).toMatchObject(expected)
  })

  it('is not read from bytes that are not UTF-8', async () => {
    const answer = answered(200, { ...own, status: 'approved', note: 'x' })
    const body = answer.body.map(byte => (byte === 'x'.charCodeAt(0) ? 0xff : byte))
    expect(await connect().pay({ ...answer, body })).toEqual(unknown('unreadable'))
  })

  it('hands on what the client could prove', async () => {
    const { pay } = connect()
    expect(await pay({ kind: 'not_sent', cause: 'ECONNREFUSED' })).toEqual({
      kind: 'not_sent',
      cause: 'ECONNREFUSED',
    })
    for (const cause of ['timeout', 'connection', 'unreadable'] as const) {
      expect(await pay({ kind: 'unknown', cause })).toEqual(unknown(cause))
    }
  })

  it('reads an answer that comes late like one in time', async () => {
    const { client, connector } = connect()
    const late: unknown[] = []
    await connector.pay(request, { timeoutMs: 1_000, onLate: result => late.push(result) })
    client.requests[0]?.onLate?.(answered(200, { ...own, status: 'approved' }) as HttpAnswer)
    expect(late).toEqual([{ kind: 'approved', amount, providerReference: 'p-1' }])
  })
})
