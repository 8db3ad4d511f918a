import type { PaymentContext } from '../core/payment/context.ts'
import type { Evidence } from '../core/payment/outcome.ts'
import type { Payment } from '../core/payment/payment.ts'
import type { BillCommand, BillReply } from '../gateway/bills.ts'
import type { CancelAnswer, CancelCommand } from '../gateway/cancel.ts'
import type { IdentifiedDecision } from '../gateway/decide.ts'
import type { NotificationResult } from '../gateway/notify.ts'
import type { OperationAnswer, OperationCommand } from '../gateway/operations.ts'
import type { OutcomeReceipt, OutcomeReport } from '../gateway/outcome.ts'
import type { LineCommand, LineReply } from '../gateway/payer-credit.ts'
import type { PayerOnRoute } from '../gateway/payer-on-route.ts'
import type { PayerRecord } from '../gateway/payer-records.ts'
import { pay } from '../gateway/pay.ts'
import { type PassedThrough, type PassOn, payThrough } from '../gateway/proxy.ts'
import type { QuoteOption } from '../gateway/quote.ts'
import type { Runtime } from '../gateway/runtime.ts'
import type { GatewayService } from '../gateway/service.ts'
import type { SwitchAnswer, SwitchCommand } from '../gateway/switch.ts'
import type { PayCommand, Answer } from '../gateway/step.ts'
import type { Clock } from '../ports/clock.ts'
import type { DecisionRow } from '../ports/journal.ts'
import type { Random } from '../ports/random.ts'
import type { Telemetry } from '../ports/telemetry.ts'
import { RemoteCore } from './remote-core.ts'
import type { Shards } from './shards.ts'
import type { States } from './states.ts'

export interface RemoteServiceOptions {
  readonly runtime: Runtime
  readonly states: States
  readonly shards: Shards
  readonly clock: Clock
  readonly random: Random
  readonly telemetry: Telemetry
  /** Keeps the current request's context alive. */
  readonly keep: (work: Promise<unknown>) => void
}

/** The use cases in a Worker: the state is in Durable Objects, the sends of payments are made here. */
export class RemoteService implements GatewayService {
  readonly #options: RemoteServiceOptions

  constructor(options: RemoteServiceOptions) {
    this.#options = options
  }

  runtime(): Runtime {
    return this.#options.runtime
  }

  newRequestId(): string {
    return `req_${this.#options.random.hex(24)}`
  }

  decide(
    tenant: string,
    context: PaymentContext,
    options: { readonly requestId: string; readonly durable: boolean },
  ): Promise<IdentifiedDecision> {
    const shard = this.#options.shards.ofOrder(tenant, context.orderId)
    return this.#options.states.ask(tenant, shard, state =>
      state.decide(tenant, context, { ...options, shard }),
    )
  }

  quotes(tenant: string, context: PaymentContext): Promise<QuoteOption[]> {
    const shard = this.#options.shards.ofOrder(tenant, context.orderId)
    return this.#options.states.ask(tenant, shard, state => state.quotes(tenant, context, shard))
  }

  async decision(tenant: string, id: string): Promise<DecisionRow | undefined> {
    const shard = this.#options.shards.ofId(id)
    if (shard === undefined) return undefined
    return this.#options.states.ask(tenant, shard, state => state.decision(tenant, id))
  }

  async reportOutcome(tenant: string, decision: string, report: OutcomeReport): Promise<OutcomeReceipt> {
    const shard = this.#options.shards.ofId(decision)
    if (shard === undefined) return { kind: 'unknown_decision' }
    return this.#options.states.ask(tenant, shard, state => state.reportOutcome(tenant, decision, report))
  }

  async pay(command: PayCommand): Promise<Answer> {
    const { states, shards, runtime, clock, keep } = this.#options
    const { tenant, context, key } = command
    const shard = await states.bindKey(tenant, key, shards.ofOrder(tenant, context.orderId))
    if (shard === undefined) return { kind: 'conflict', code: 'idempotency_key_reused' }
    return pay(clock, new RemoteCore({ states, runtime, clock, tenant, shard, keep }), command)
  }

  /** The key of a checkout's payment is new each time and binds nothing: the order alone says what is live. */
  payThrough<Reply>(command: PayCommand, passOn: PassOn<Reply>): Promise<PassedThrough<Reply>> {
    const { states, shards, runtime, clock, keep } = this.#options
    const { tenant, context } = command
    const shard = shards.ofOrder(tenant, context.orderId)
    return payThrough(clock, new RemoteCore({ states, runtime, clock, tenant, shard, keep }), command, passOn)
  }

  async payment(tenant: string, id: string): Promise<Payment | undefined> {
    const shard = this.#options.shards.ofId(id)
    if (shard === undefined) return undefined
    return this.#options.states.ask(tenant, shard, state => state.payment(tenant, id))
  }

  async paymentByKey(tenant: string, key: string): Promise<Payment | undefined> {
    const shard = await this.#options.states.shardOfKey(tenant, key)
    if (shard === undefined) return undefined
    return this.#options.states.ask(tenant, shard, state => state.paymentByKey(tenant, key))
  }

  paymentsOfOrder(tenant: string, orderId: string): Promise<Payment[]> {
    const shard = this.#options.shards.ofOrder(tenant, orderId)
    return this.#options.states.ask(tenant, shard, state => state.paymentsOfOrder(tenant, orderId))
  }

  async operate(command: OperationCommand): Promise<OperationAnswer> {
    const { states, shards } = this.#options
    const owner = shards.ofId(command.payment)
    if (owner === undefined) return { kind: 'not_found' }
    const shard = await states.bindKey(command.tenant, command.key, owner)
    if (shard === undefined) return { kind: 'refused', code: 'idempotency_key_reused' }
    return states.ask(command.tenant, shard, state => state.operate(command))
  }

  async cancel(command: CancelCommand): Promise<CancelAnswer> {
    const { states, shards } = this.#options
    const owner = shards.ofId(command.payment)
    if (owner === undefined) return { kind: 'not_found' }
    const shard = await states.bindKey(command.tenant, command.key, owner)
    if (shard === undefined) return { kind: 'refused', code: 'idempotency_key_reused' }
    return states.ask(command.tenant, shard, state => state.cancel(command))
  }

  async switchTender(command: SwitchCommand): Promise<SwitchAnswer> {
    const { states, shards } = this.#options
    const owner = shards.ofId(command.payment)
    if (owner === undefined) return { kind: 'not_found' }
    const shard = await states.bindKey(command.tenant, command.key, owner)
    if (shard === undefined) return { kind: 'refused', code: 'idempotency_key_reused' }
    return states.ask(command.tenant, shard, state => state.switchTender(command))
  }

  creditLine(who: PayerOnRoute): Promise<LineReply> {
    const home = this.#options.shards.ofPayer(who.tenant, who.payer)
    return this.#options.states.ask(who.tenant, home, state => state.creditLine(who))
  }

  async changeCreditLine(command: LineCommand): Promise<LineReply> {
    const home = this.#options.shards.ofPayer(command.tenant, command.payer)
    const reply = await this.#options.states.ask(command.tenant, home, state =>
      state.changeCreditLine(command),
    )
    await this.#copyPayer(command, home)
    return reply
  }

  async bills(command: BillCommand): Promise<BillReply> {
    const home = this.#options.shards.ofPayer(command.tenant, command.payer)
    const reply = await this.#options.states.ask(command.tenant, home, state => state.bills(command))
    if (command.kind === 'bill' || command.kind === 'case') await this.#copyPayer(command, home)
    return reply
  }

  async payerRecord(who: PayerOnRoute): Promise<PayerRecord | undefined> {
    const home = this.#options.shards.ofPayer(who.tenant, who.payer)
    return this.#options.states.ask(who.tenant, home, state => state.payerRecord(who))
  }

  async copyPayerRecord(who: PayerOnRoute, record: PayerRecord): Promise<void> {
    const home = this.#options.shards.ofPayer(who.tenant, who.payer)
    await this.#options.states.ask(who.tenant, home, state => state.copyPayerRecord(who, record))
  }

  /** A payment's shard follows its order, so every shard has to know what its payer has set. */
  async #copyPayer({ tenant, payer, route }: PayerOnRoute, home: number): Promise<void> {
    const { shards, states } = this.#options
    if (shards.count === 1) return
    const who = { tenant, payer, route }
    const record = await this.payerRecord(who)
    if (record === undefined) return
    for (const shard of shards.all()) {
      if (shard !== home) await states.ask(tenant, shard, state => state.copyPayerRecord(who, record))
    }
  }

  /**
   * A forged notification is refused here and wakes no object. A genuine one names a reference, and so a shard, but
   * not its tenant: the tenants are asked in turn.
   */
  async notification(
    route: string,
    headers: Readonly<Record<string, string | undefined>>,
    body: Uint8Array,
  ): Promise<NotificationResult> {
    const { runtime, shards, states, clock } = this.#options
    const reader = runtime.routes.get(route)?.notifications
    if (reader === undefined) return 'unknown'
    const reading = await reader.read(headers, body, clock.now())
    if (reading.kind === 'refused' || reading.kind === 'ignored') return reading.kind
    // Plain: an object without a prototype cannot be sent to another.
    const plain = { ...headers }
    const places = reading.kind === 'claim' ? [shards.ofId(reading.claim.evidence.reference)] : shards.all()
    let result: NotificationResult = 'unknown'
    for (const tenant of runtime.tenants.keys()) {
      for (const shard of places) {
        if (shard === undefined) continue
        result = await states.ask(tenant, shard, state => state.notification(route, plain, body))
        if (reading.kind === 'claim' && result !== 'unknown') return result
      }
    }
    return result
  }

  async evidence(evidence: Evidence): Promise<void> {
    const { runtime, shards, states } = this.#options
    const shard = shards.ofId(evidence.reference)
    if (shard === undefined) return
    for (const tenant of runtime.tenants.keys()) {
      await states.ask(tenant, shard, state => state.evidence(evidence))
    }
  }

  fault(area: string, error: unknown, requestId?: string): void {
    this.#options.telemetry.record({
      kind: 'fault',
      area,
      cause: error instanceof Error ? error.name : 'unknown',
      ...(requestId === undefined ? {} : { requestId }),
    })
  }

  /** Nothing is only queued here. */
  drain(): Promise<void> {
    return Promise.resolve()
  }
}
