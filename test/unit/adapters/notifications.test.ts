import { Webhook } from 'standardwebhooks'
import { describe, expect, it } from 'vitest'
import { HttpNotifications } from '../../../src/adapters/connectors/http/notifications.ts'
import { WebhookVerifier } from '../../../src/adapters/webhooks/verify.ts'

const now = 1_800_000_000_000
const reference = '0123456789abcdef0123456789abcdef'
const amount = { currency: 'CNY', value: 12_900 }
const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const newSecret = `whsec_${Buffer.alloc(32, 8).toString('base64')}`
const foreign = `whsec_${Buffer.alloc(32, 9).toString('base64')}`

/** Signed by the reference library, not by our own code. */
function signed(body: string, { key = secret, at = now, id = 'msg_1' } = {}) {
  return {
    id,
    timestamp: String(Math.floor(at / 1000)),
    signature: new Webhook(key).sign(id, new Date(at), body),
    body: new TextEncoder().encode(body),
  }
}

describe('the signature of a notification', () => {
  const verifier = new WebhookVerifier([secret, newSecret])

  it('is accepted from either of two active secrets', async () => {
    expect(await verifier.verify(signed('{}'), now)).toEqual({ ok: true, id: 'msg_1' })
    expect(await verifier.verify(signed('{}', { key: newSecret }), now)).toEqual({ ok: true, id: 'msg_1' })
    expect(await verifier.verify(signed('{}', { key: foreign }), now)).toEqual({
      ok: false,
      reason: 'signature',
    })
  })

  it('is accepted among several, as a sender gives while it changes its secret', async () => {
    const message = signed('{}')
    const other = signed('{}', { key: foreign }).signature
    const signature = `v1a,AAAA ${other} ${message.signature}`
    expect((await verifier.verify({ ...message, signature }, now)).ok).toBe(true)
  })

  it('is checked over the raw bytes: one changed byte, id or time refuses it', async () => {
    const message = signed('{"a":1}')
    const tampered = [
      { ...message, body: new TextEncoder().encode('{"a":2}') },
      { ...message, body: new TextEncoder().encode('{"a": 1}') },
      { ...message, id: 'msg_2' },
      { ...message, timestamp: String(Number(message.timestamp) + 1) },
    ]
    for (const each of tampered) {
      expect(await verifier.verify(each, now)).toEqual({ ok: false, reason: 'signature' })
    }
  })

  it('holds for bytes that are not text', async () => {
    const body = Uint8Array.from([0xff, 0xfe, 0x00])
    const message = { ...signed(''), body }
    expect((await verifier.verify(message, now)).ok).toBe(false)
  })

  it.each([
    [-301, false],
    [-299, true],
    [299, true],
    [301, false],
  ])('sent %s seconds from now by our clock: accepted %s', async (seconds, ok) => {
    const verification = await verifier.verify(signed('{}', { at: now + seconds * 1000 }), now)
    expect(verification.ok).toBe(ok)
    if (!ok) expect(verification).toMatchObject({ reason: 'timestamp' })
  })

  it.each([
    { id: undefined },
    { timestamp: undefined },
    { signature: undefined },
    { id: '' },
    { id: 'x'.repeat(257) },
    { timestamp: 'now' },
    { timestamp: '1e99' },
    { timestamp: '-1' },
    { signature: '' },
    { signature: 'v1' },
    { signature: 'v1,' },
    { signature: 'v1,not base64!' },
    { signature: `v1,${'A'.repeat(100_000)}` },
    { signature: 'v2,AAAA' },
  ])('is refused when a part is missing or malformed: %j', async part => {
    expect((await verifier.verify({ ...signed('{}'), ...part }, now)).ok).toBe(false)
  })

  it('is not looked for among more signatures than a sender would give', async () => {
    const message = signed('{}')
    const signature = `${'v1,AAAA '.repeat(8)}${message.signature}`
    expect((await verifier.verify({ ...message, signature }, now)).ok).toBe(false)
  })

  it('is refused when there is no secret', async () => {
    expect((await new WebhookVerifier([]).verify(signed('{}'), now)).ok).toBe(false)
  })

  it.each(['', 'whsec_', 'whsec_short', 'not base64 but long enough for a secret', 'whsec_c2hvcnQ='])(
    'cannot be checked with the secret %j, which the error does not repeat',
    text => {
      let message = ''
      try {
        new WebhookVerifier([text])
      } catch (error) {
        message = String(error)
      }
      expect(message).toMatch(/base64/)
      if (text.length > 6) expect(message).not.toContain(text)
    },
  )
})

describe('the content of a notification', () => {
  const notifications = new HttpNotifications({ secrets: [secret] })
  const read = (content: unknown) => {
    const { id, timestamp, signature, body } = signed(JSON.stringify(content))
    const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
    return notifications.read(headers, body, now)
  }

  it('becomes a claim about one reference', async () => {
    const data = { reference, status: 'approved', amount, providerReference: 'p-1' }
    expect(await read({ type: 'payment.updated', data })).toEqual({
      kind: 'claim',
      claim: {
        eventId: 'msg_1',
        evidence: {
          reference,
          source: 'notification',
          result: { kind: 'approved', amount, providerReference: 'p-1' },
          at: now,
        },
      },
    })
  })

  it.each(['refundReference', 'captureReference'])(
    'with a %s is about that, and names the payment',
    async name => {
      const own = 'f'.repeat(32)
      const data = { reference, [name]: own, status: 'approved', amount }
      expect(await read({ type: 'payment.updated', data })).toMatchObject({
        kind: 'claim',
        claim: { payment: reference, evidence: { reference: own, result: { kind: 'approved', amount } } },
      })
      // What an upstream has done by itself, under a name of its own, is not about the payment either.
      const foreign = await read({ type: 'payment.updated', data: { ...data, [name]: 're_1' } })
      expect(foreign).toEqual({ kind: 'ignored' })
    },
  )

  it('can tell that the facts about a payer have changed', async () => {
    const told = await read({ type: 'payer.updated', data: { payer: 'u-1', currency: 'CNY' } })
    expect(told).toEqual({ kind: 'payer_changed', payer: 'u-1', currency: 'CNY' })
    expect(await read({ type: 'payer.updated', data: { payer: 7, currency: 'CNY' } })).toEqual({
      kind: 'ignored',
    })
  })

  it('keeps the amount as it is told: whoever knows the payment compares it', async () => {
    const data = { reference, status: 'approved', amount: { currency: 'USD', value: 1 } }
    expect(await read({ type: 'payment.updated', data })).toMatchObject({
      claim: { evidence: { result: { amount: { currency: 'USD', value: 1 } } } },
    })
  })

  it('can be a refusal', async () => {
    const data = {
      reference,
      status: 'declined',
      amount,
      declineCode: '51',
      declineCategory: 'insufficient_funds',
    }
    expect(await read({ type: 'payment.updated', data })).toMatchObject({
      claim: { evidence: { result: { kind: 'declined', category: 'insufficient_funds', code: '51' } } },
    })
  })

  it.each([
    { type: 'payment.deleted', data: { reference, status: 'approved', amount } },
    { type: 'payment.updated' },
    { type: 'payment.updated', data: [] },
    { type: 'payment.updated', data: { status: 'approved', amount } },
    { type: 'payment.updated', data: { reference: '../admin', status: 'approved', amount } },
    { type: 'payment.updated', data: { reference, status: 'approved' } },
    {
      type: 'payment.updated',
      data: { reference, status: 'approved', amount: { currency: 'CNY', value: 1.5 } },
    },
    {
      type: 'payment.updated',
      data: { reference, status: 'approved', amount: { currency: 'CNY', value: '1' } },
    },
    { type: 'payment.updated', data: { reference, status: 'paid', amount } },
    { type: 'payment.updated', data: { reference, status: 'declined', declineCategory: 'outcome_unknown' } },
    null,
    7,
  ])('is ignored when it tells nothing that we can use: %j', async content => {
    expect(await read(content)).toEqual({ kind: 'ignored' })
  })

  it('is not even looked at without a signature', async () => {
    const body = new TextEncoder().encode(JSON.stringify({ type: 'payment.updated' }))
    expect(await notifications.read({}, body, now)).toEqual({ kind: 'refused', reason: 'unsigned' })
  })
})
