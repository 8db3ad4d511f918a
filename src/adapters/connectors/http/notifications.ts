import type { Money } from '../../../core/payment/money.ts'
import type { Evidence } from '../../../core/payment/outcome.ts'
import type { NotificationReader, NotificationReading } from '../../../ports/connector.ts'
import { WebhookVerifier } from '../../webhooks/verify.ts'
import { amountIn, jsonObject, readRecord } from './answers.ts'
import { compileDialect, type Dialect, type Mapping, NO_MAPPING } from './dialect.ts'

export interface NotificationsOptions {
  /** Every secret that may have signed; with none, everything is refused. */
  readonly secrets: readonly string[]
  readonly mapping?: Mapping
}

/**
 * Reads what an upstream of the HTTP protocol tells by itself: `{type: "payment.updated", data: {...}}`, or that a
 * payer's facts have changed. With a `refundReference` or `captureReference` in it, status and amount are those of the
 * refund or capture.
 */
export class HttpNotifications implements NotificationReader {
  readonly #verifier: WebhookVerifier
  readonly #dialect: Dialect

  /** @throws TypeError for a secret or mapping that cannot be used */
  constructor(options: NotificationsOptions) {
    this.#verifier = new WebhookVerifier(options.secrets)
    this.#dialect = compileDialect(options.mapping ?? NO_MAPPING)
  }

  async read(
    headers: Readonly<Record<string, string | undefined>>,
    body: Uint8Array,
    now: number,
  ): Promise<NotificationReading> {
    const verified = await this.#verifier.verify(
      {
        id: headers['webhook-id'],
        timestamp: headers['webhook-timestamp'],
        signature: headers['webhook-signature'],
        body,
      },
      now,
    )
    if (!verified.ok) return { kind: 'refused', reason: verified.reason }
    const content = jsonObject({ body })
    const { type, data } = content ?? {}
    if (typeof data !== 'object' || data === null || Array.isArray(data)) return { kind: 'ignored' }
    if (type === 'payer.updated') return payerChanged(data as Record<string, unknown>)
    if (type !== 'payment.updated') return { kind: 'ignored' }
    return this.#claim(verified.id, data as Record<string, unknown>, now)
  }

  /** The amount is compared with the payment by whoever finds it; here only its shape counts. */
  #claim(eventId: string, data: Record<string, unknown>, now: number): NotificationReading {
    const reference = this.#dialect.read(data, 'reference')
    const own = data.refundReference ?? data.captureReference ?? reference
    if (!isReference(reference) || !isReference(own)) return { kind: 'ignored' }
    const amount = amountIn(data, this.#dialect)
    const result = readRecord(data, { reference, amount: amount ?? NO_AMOUNT }, this.#dialect)
    if (result.kind === 'unknown') return { kind: 'ignored' }
    if (amount !== undefined && !Number.isSafeInteger(amount.value)) return { kind: 'ignored' }
    const evidence: Evidence = { reference: own, source: 'notification', result, at: now }
    const claim = { eventId, evidence, ...(own === reference ? {} : { payment: reference }) }
    return { kind: 'claim', claim }
  }
}

/** Ours are all of this form; an upstream's own names for what it did by itself are of no use here. */
function isReference(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value)
}

/** `{type: "payer.updated", data: {payer, currency}}`: limits, arrears or a freeze of this payer have changed. */
function payerChanged({ payer, currency }: Record<string, unknown>): NotificationReading {
  const sound = typeof payer === 'string' && payer.length <= 128 && typeof currency === 'string'
  return sound ? { kind: 'payer_changed', payer, currency } : { kind: 'ignored' }
}

const NO_AMOUNT: Money = { currency: '', value: 0 }
