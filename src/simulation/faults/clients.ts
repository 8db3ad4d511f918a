import type { PaymentContext } from '../../core/payment/context.ts'
import type { OperationKind, Payment } from '../../core/payment/payment.ts'
import { publicStatus } from '../../core/payment/view.ts'
import { cancelPayment } from '../../gateway/cancel.ts'
import { operate } from '../../gateway/operations.ts'
import { pay } from '../../gateway/pay.ts'
import { switchTender } from '../../gateway/switch.ts'
import type { Dice } from './dice.ts'
import type { FaultPlan } from './fault-plan.ts'
import type { GatewayProcess } from './gateway-process.ts'
import type { Oracle } from './oracle.ts'
import type { Scheduler } from './scheduler.ts'

export const TENANT = 'shop'

/** How long clients wait for an answer, ms. */
const PATIENCE_MS = 20_000
const TRIES_MAX = 6

export interface ClientPorts {
  readonly scheduler: Scheduler
  readonly plan: FaultPlan
  readonly oracle: Oracle
  /** Asks one of the instances. Undefined when no answer came in time, or when the journal was away. */
  readonly ask: <T>(
    dice: Dice,
    patienceMs: number,
    run: (gateway: GatewayProcess) => Promise<T>,
  ) => Promise<T | undefined>
  /** Whether the merchant says of its next capture that it is the last one. */
  readonly isLast: () => boolean
  /** Words for the timeline, made only when somebody listens. */
  readonly tell: (what: () => string) => void
}

interface Submission {
  readonly key: string
  readonly fingerprint: string
  readonly context: PaymentContext
}

/** One shopper with one order: pays, asks again, asks twice, cancels, captures, refunds, and never loses count. */
export class Client {
  readonly #ports: ClientPorts
  readonly #dice: Dice
  readonly #order: number
  readonly #context: PaymentContext
  #keys = 0

  constructor(ports: ClientPorts, dice: Dice, order: number) {
    this.#ports = ports
    this.#dice = dice
    this.#order = order
    this.#context = {
      orderId: `order-${order}`,
      amount: { currency: 'CNY', value: dice.whole(100, 100_000) },
      channel: 'app',
      payer: { id: `payer-${order}` },
      funding: { accept: [{ tender: 'card' }] },
      capture: dice.chance(0.2) ? 'manual' : 'automatic',
    }
  }

  async run(): Promise<void> {
    const dice = this.#dice
    const first = this.#submission()
    const others: Promise<unknown>[] = []
    if (dice.chance(0.15)) {
      for (let copy = dice.whole(1, 3); copy > 0; copy--)
        others.push(this.#submit(first, dice.between(0, 2_000)))
    }
    if (dice.chance(0.1)) others.push(this.#submit(this.#submission(), dice.between(0, 3_000)))
    if (dice.chance(0.03)) others.push(this.#submit(this.#submission({ value: 7 }), dice.between(0, 3_000)))
    if (dice.chance(0.02)) others.push(this.#reuseKey(first))
    if (dice.chance(0.08)) others.push(this.#soon(first.key, id => this.#cancel(id)))
    if (dice.chance(0.08)) others.push(this.#soon(first.key, id => this.#switch(id)))
    const payment = await this.#submit(first, 0)
    if (payment !== undefined) await this.#goOn(payment)
    await Promise.all(others)
  }

  async #goOn(payment: Payment): Promise<void> {
    switch (publicStatus(payment)) {
      case 'succeeded':
        if (this.#dice.chance(0.35)) await this.#refund(payment)
        return
      case 'authorized':
        await this.#capture(payment)
        return
      case 'declined':
      case 'canceled':
        // The shopper tries once more, under a new key.
        if (this.#dice.chance(0.2)) await this.#submit(this.#submission(), this.#dice.between(100, 10_000))
        return
      case 'pending':
      case 'requires_action':
        if (this.#dice.chance(0.1)) await this.#cancel(payment.id)
        else if (this.#dice.chance(0.15)) await this.#switch(payment.id)
    }
  }

  #submission(change: { readonly value?: number } = {}): Submission {
    const key = `key-${this.#order}-${++this.#keys}`
    const { value } = change
    const context =
      value === undefined ? this.#context : { ...this.#context, amount: { currency: 'CNY', value } }
    return { key, fingerprint: `${key}-${context.amount.value}`, context }
  }

  /** Submits until there is a final answer, at whichever instance, or until it has no patience left. */
  async #submit(submission: Submission, afterMs: number): Promise<Payment | undefined> {
    const { scheduler, plan, oracle } = this.#ports
    const { key, fingerprint, context } = submission
    if (afterMs > 0) await this.#wait(afterMs)
    let last: Payment | undefined
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      const patience = this.#dice.chance(plan.client_leaves) ? this.#dice.between(1, 2_000) : PATIENCE_MS
      this.#ports.tell(() => `asks to pay ${context.amount.value} under ${key}`)
      const answer = await this.#ports.ask(this.#dice, patience, ({ clock, core }) =>
        pay(clock, core, { tenant: TENANT, context, key: { key, fingerprint, target: 'payment' } }),
      )
      this.#ports.tell(() => `hears about ${key}: ${wordsOf(answer)}`)
      if (answer?.kind === 'answer') {
        scheduler.mix(answer.payment.attempts.length)
        oracle.told({ key, fingerprint, payment: answer.payment })
        last = answer.payment
        if (last.result !== undefined) return last
      }
      if (answer?.kind === 'conflict' && answer.code !== 'request_in_progress') return last
      await this.#wait(this.#dice.between(500, 8_000))
    }
    return last
  }

  async #reuseKey({ key, context }: Submission): Promise<void> {
    await this.#wait(this.#dice.between(0, 5_000))
    const other = { ...context, amount: { currency: 'CNY', value: context.amount.value + 1 } }
    const fingerprint = `${key}-other`
    const answer = await this.#ports.ask(this.#dice, PATIENCE_MS, ({ clock, core }) =>
      pay(clock, core, { tenant: TENANT, context: other, key: { key, fingerprint, target: 'payment' } }),
    )
    if (answer?.kind === 'answer') this.#ports.oracle.told({ key, fingerprint, payment: answer.payment })
  }

  /** The payer thinks otherwise while the payment is under way. */
  async #soon(key: string, change: (payment: string) => Promise<void>): Promise<void> {
    await this.#wait(this.#dice.between(50, 8_000))
    const found = await this.#ports.ask(this.#dice, PATIENCE_MS, ({ gateway }) =>
      gateway.ports.journal.findByKey(TENANT, key),
    )
    if (found !== undefined) await change(found.stored.payment.id)
  }

  async #cancel(payment: string): Promise<void> {
    const key = `cancel-${payment}-${++this.#keys}`
    this.#ports.tell(() => `asks to cancel ${payment}`)
    for (let tries = 0; tries < 3; tries++) {
      const answer = await this.#ports.ask(this.#dice, PATIENCE_MS, ({ gateway, facts }) =>
        cancelPayment(gateway, facts, { tenant: TENANT, payment, key: { key, fingerprint: key } }),
      )
      if (answer !== undefined) return
      await this.#wait(this.#dice.between(500, 5_000))
    }
  }

  /** Begins anew: whatever is open is closed first. */
  async #switch(payment: string): Promise<void> {
    const key = `switch-${payment}-${++this.#keys}`
    const to = { tender: 'card' } as const
    for (let tries = 0; tries < 3; tries++) {
      const answer = await this.#ports.ask(this.#dice, PATIENCE_MS, ({ gateway, facts }) =>
        switchTender(gateway, facts, { tenant: TENANT, payment, to, key: { key, fingerprint: key } }),
      )
      if (answer !== undefined) return
      await this.#wait(this.#dice.between(500, 5_000))
    }
  }

  async #capture(payment: Payment): Promise<void> {
    const dice = this.#dice
    await this.#wait(dice.between(0, 20_000))
    const { value } = payment.context.amount
    const part = dice.chance(0.3) ? dice.whole(1, value) : value
    const works = [
      dice.chance(0.75) ? this.#operate(payment, 'capture', part) : this.#operate(payment, 'void'),
    ]
    if (dice.chance(0.15)) works.push(this.#operate(payment, 'capture', dice.whole(1, value)))
    if (dice.chance(0.15)) works.push(this.#operate(payment, 'void'))
    await Promise.all(works)
    if (dice.chance(0.3)) await this.#refund(payment)
  }

  async #refund(payment: Payment): Promise<void> {
    const dice = this.#dice
    await this.#wait(dice.between(0, 20_000))
    const { value } = payment.context.amount
    const refunds = Array.from({ length: dice.whole(1, 3) }, () => {
      const amount = dice.chance(0.3) ? undefined : dice.whole(1, value)
      return () => this.#operate(payment, 'refund', amount)
    })
    if (dice.chance(0.5)) await Promise.all(refunds.map(refund => refund()))
    else for (const refund of refunds) await refund()
  }

  /** Repeats with the same key until it has an answer; sometimes asks twice at once. */
  async #operate(payment: Payment, kind: OperationKind, value?: number): Promise<void> {
    const key = `${kind}-${payment.id}-${++this.#keys}`
    const command = {
      tenant: TENANT,
      payment: payment.id,
      kind,
      key: { key, fingerprint: `${key}-${value}` },
      ...(value === undefined ? {} : { amount: { currency: 'CNY', value } }),
      ...(kind === 'capture' && this.#ports.isLast() ? { final: true } : {}),
    }
    const ask = async (): Promise<void> => {
      const what = 'final' in command ? `last ${kind}` : kind
      this.#ports.tell(() => `asks for a ${what} of ${value ?? 'everything'} of ${payment.id}`)
      for (let tries = 0; tries < 4; tries++) {
        const answer = await this.#ports.ask(this.#dice, PATIENCE_MS, ({ gateway }) =>
          operate(gateway, command),
        )
        if (answer !== undefined) return
        await this.#wait(this.#dice.between(500, 5_000))
      }
    }
    await Promise.all(this.#dice.chance(0.1) ? [ask(), ask()] : [ask()])
  }

  #wait(ms: number): Promise<void> {
    return new Promise(resolve => this.#ports.scheduler.after(ms, resolve))
  }
}

function wordsOf(answer: Awaited<ReturnType<typeof pay>> | undefined): string {
  if (answer === undefined) return 'nothing'
  if (answer.kind === 'conflict') return `${answer.code} ${answer.payment ?? ''}`
  const { id, result } = answer.payment
  return `${id} ${result ?? publicStatus(answer.payment)}`
}
