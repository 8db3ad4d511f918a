import type { Evidence } from '../../core/payment/outcome.ts'
import type { NotificationResult } from '../../gateway/notify.ts'
import type { NotificationReader } from '../../ports/connector.ts'
import type { Dice } from './dice.ts'
import type { FaultPlan } from './fault-plan.ts'
import type { UpstreamRefund } from './refunds.ts'
import type { Scheduler } from './scheduler.ts'
import type { SimulatedUpstream, UpstreamPayment } from './upstream.ts'

/** Tries of one notification until somebody has taken it. */
const TRIES_MAX = 60
const FIRST_WAIT_MS = 2_000
const LONGEST_WAIT_MS = 600_000

const SIGNED = 'genuine'

const ENCODER = new TextEncoder()
const DECODER = new TextDecoder()

export interface NoticePorts {
  readonly scheduler: Scheduler
  readonly plan: FaultPlan
  readonly diceOf: (order: number) => Dice
  readonly refundDiceOf: (order: number) => Dice
  /** Someone with a stolen secret says something untrue of a refund of this order. */
  readonly lied: (order: number) => void
  /** Brings it to one of the instances; undefined when none has answered. */
  readonly bring: (
    route: string,
    headers: Record<string, string>,
    body: Uint8Array,
    dice: Dice,
  ) => Promise<NotificationResult | undefined>
  readonly fail: (invariant: string, text: string) => void
  readonly tell: (who: string, what: () => string) => void
}

interface Told {
  readonly eventId: string
  readonly reference: string
  /** The payment that a refund belongs to, where it is named. */
  readonly payment?: string
  readonly result: Evidence['result']
}

/** What upstreams tell by themselves, and what liars tell in their name. */
export class Notices {
  readonly #ports: NoticePorts
  #events = 0

  constructor(ports: NoticePorts) {
    this.#ports = ports
  }

  tell(upstream: SimulatedUpstream, payment: UpstreamPayment): void {
    const dice = this.#ports.diceOf(payment.order)
    const told: Told = {
      eventId: `${upstream.id}-${++this.#events}`,
      reference: payment.reference,
      result: upstream.viewOf(payment),
    }
    if (dice.chance(this.#ports.plan.forgery)) void this.#forge(upstream, payment, payment.reference, dice)
    this.#spread(upstream, told, dice)
  }

  /** Of a refund as it stands now. What contradicts what was told before is never kept back. */
  tellRefund(
    upstream: SimulatedUpstream,
    payment: UpstreamPayment,
    reference: string,
    contradicts: boolean,
  ): void {
    const { plan, refundDiceOf } = this.#ports
    const dice = refundDiceOf(payment.order)
    const refund = payment.refunds.get(reference)
    if (refund === undefined || (!contradicts && !dice.chance(plan.refund_told))) return
    if (dice.chance(plan.forgery)) void this.#forge(upstream, payment, reference, dice)
    const told: Told = {
      eventId: `${upstream.id}-${++this.#events}`,
      reference,
      ...(dice.chance(0.5) ? { payment: payment.reference } : {}),
      result: resultOf(refund),
    }
    this.#spread(upstream, told, dice)
  }

  #spread(upstream: SimulatedUpstream, told: Told, dice: Dice): void {
    const { type } = upstream
    if (type.notifies === 'never') return
    const surely = type.notifies === 'surely'
    if (!surely && (dice.chance(0.3) || dice.chance(this.#ports.plan.notice_lost))) return
    const copies = dice.chance(this.#ports.plan.notice_repeated) ? dice.whole(2, 5) : 1
    for (let copy = 0; copy < copies; copy++) void this.#deliver(upstream, told, dice, surely ? TRIES_MAX : 3)
  }

  async #deliver(upstream: SimulatedUpstream, told: Told, dice: Dice, triesMax: number): Promise<void> {
    const { plan } = this.#ports
    await this.#wait(dice.chance(plan.notice_late) ? dice.between(1_000, 3_600_000) : dice.between(5, 500))
    for (let tries = 0; tries < triesMax; tries++) {
      const lost = dice.chance(plan.notice_lost)
      const result = lost ? undefined : await this.#bring(upstream, told, SIGNED, dice)
      this.#ports.tell(
        upstream.id,
        () => `told ${told.result.kind} for ${told.reference}: ${result ?? 'not heard'}`,
      )
      if (result !== undefined && result !== 'unknown') return
      await this.#wait(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries) * dice.between(0.8, 1.2))
    }
  }

  /** A wrong signature must change nothing; a stolen secret must make nothing look paid, or free to be paid again. */
  async #forge(
    upstream: SimulatedUpstream,
    payment: UpstreamPayment,
    reference: string,
    dice: Dice,
  ): Promise<void> {
    await this.#wait(dice.between(0, 5_000))
    const refund = payment.refunds.get(reference)
    const lie: Told = {
      eventId: `forged-${++this.#events}`,
      reference,
      result: dice.chance(0.5)
        ? { kind: 'approved', amount: { currency: 'CNY', value: refund?.value ?? payment.value } }
        : { kind: 'declined', category: 'issuer_declined' },
    }
    const stolen = upstream.type.contract.queryable && dice.chance(0.5)
    if (stolen && refund !== undefined) this.#ports.lied(payment.order)
    const result = await this.#bring(upstream, lie, stolen ? SIGNED : 'forged', dice)
    this.#ports.tell('forger', () => `told ${lie.result.kind} for ${lie.reference}: ${result ?? 'not heard'}`)
    if (!stolen && result !== undefined && result !== 'refused') {
      this.#ports.fail('I15', `${payment.reference}: a forged notification was ${result}`)
    }
  }

  #bring(
    upstream: SimulatedUpstream,
    told: Told,
    signature: string,
    dice: Dice,
  ): Promise<NotificationResult | undefined> {
    const body = ENCODER.encode(JSON.stringify(told))
    return this.#ports.bring(upstream.id, { signature }, body, dice)
  }

  #wait(ms: number): Promise<void> {
    return new Promise(resolve => this.#ports.scheduler.after(ms, resolve))
  }
}

function resultOf({ state, value }: UpstreamRefund): Evidence['result'] {
  switch (state) {
    case 'approved':
      return { kind: 'approved', amount: { currency: 'CNY', value } }
    case 'declined':
      return { kind: 'declined', category: 'issuer_declined', code: '05' }
    case 'processing':
      return { kind: 'processing' }
  }
}

/** Reads the notifications of the simulated upstreams. */
export const noticeReader: NotificationReader = {
  async read(headers, body, now) {
    if (headers['signature'] !== SIGNED) return { kind: 'refused', reason: 'signature' }
    const { eventId, reference, payment, result } = JSON.parse(DECODER.decode(body)) as Told
    return {
      kind: 'claim',
      claim: {
        eventId,
        evidence: { reference, source: 'notification', result, at: now },
        ...(payment === undefined ? {} : { payment }),
      },
    }
  },
}
