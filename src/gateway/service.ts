import { hash32 } from '../core/hash.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import type { Evidence } from '../core/payment/outcome.ts'
import type { Payment } from '../core/payment/payment.ts'
import { type DecisionRow, JournalUnavailable } from '../ports/journal.ts'
import { type BillCommand, type BillReply, tellBills } from './bills.ts'
import { type CancelAnswer, type CancelCommand, cancelPayment } from './cancel.ts'
import { decisionRow, type IdentifiedDecision, makeDecision } from './decide.ts'
import { DecisionLog } from './decision-log.ts'
import type { CreditDesk } from './credit-desk.ts'
import { recordEvidence } from './evidence.ts'
import { Facts } from './facts.ts'
import { newDecisionId } from './ids.ts'
import { type OutcomeReceipt, type OutcomeReport, reportOutcome } from './outcome.ts'
import { receiveNotification, type NotificationResult } from './notify.ts'
import { operate, type OperationAnswer, type OperationCommand } from './operations.ts'
import { localCore, pay } from './pay.ts'
import { changeLine, type LineCommand, type LineReply, readLine } from './payer-credit.ts'
import { atOf, creditRoute, type PayerOnRoute } from './payer-on-route.ts'
import type { PayerRecord } from './payer-records.ts'
import { type PassedThrough, type PassOn, payThrough } from './proxy.ts'
import { makeQuotes, type QuoteOption } from './quote.ts'
import { assertNotHeld } from './recovery.ts'
import type { Gateway, Runtime, TenantRuntime } from './runtime.ts'
import type { PayCommand, Answer } from './step.ts'
import { type SwitchAnswer, type SwitchCommand, switchTender } from './switch.ts'

const ORDER_PAYMENTS_MAX = 100

/** The use cases as the API calls them, wherever the state is. */
export type GatewayService = { readonly [Name in keyof LocalService]: LocalService[Name] }

/** The use cases over one gateway in this process. */
export class LocalService {
  readonly #gateway: Gateway
  readonly #facts: Facts
  readonly #log: DecisionLog
  readonly #desk: CreditDesk | undefined

  /** @param desk what keeps payers' credit; without it nobody has any */
  constructor(gateway: Gateway, desk?: CreditDesk) {
    this.#gateway = gateway
    this.#desk = desk
    this.#facts = new Facts(gateway.ports)
    this.#log = new DecisionLog(gateway.ports)
  }

  runtime(): Runtime {
    return this.#gateway.runtime()
  }

  newRequestId(): string {
    return `req_${this.#gateway.ports.random.hex(24)}`
  }

  /** Decides without executing. `durable` waits until the record is in the journal. */
  async decide(
    tenant: string,
    context: PaymentContext,
    options: { readonly requestId: string; readonly durable: boolean; readonly shard?: number },
  ): Promise<IdentifiedDecision> {
    const { clock, random, journal } = this.#gateway.ports
    const runtime = this.#gateway.runtime()
    const id = newDecisionId(clock, random, options.shard)
    const decided = await makeDecision(this.#gateway, runtime, this.#facts, {
      id,
      tenant: runtime.tenants.get(tenant) as TenantRuntime,
      context,
      paying: false,
      prior: [],
      seed: hash32(id),
      requestId: options.requestId,
    })
    const row = decisionRow(decided)
    if (options.durable) await journal.appendDecisions([row])
    else await this.#log.append(row)
    return decided
  }

  quotes(tenant: string, context: PaymentContext, shard = 0): Promise<QuoteOption[]> {
    return makeQuotes(this.#gateway, this.#facts, tenant, context, shard)
  }

  async decision(tenant: string, id: string): Promise<DecisionRow | undefined> {
    return this.#log.find(tenant, id) ?? this.#gateway.ports.journal.findDecision(tenant, id)
  }

  async reportOutcome(tenant: string, decision: string, report: OutcomeReport): Promise<OutcomeReceipt> {
    if (this.#log.find(tenant, decision) !== undefined) await this.#log.drain()
    return reportOutcome(this.#gateway, tenant, decision, report)
  }

  /** Carries the payment out to its end; the caller may stop waiting, but never stops the payment. */
  pay(command: PayCommand): Promise<Answer> {
    return pay(this.#gateway.ports.clock, localCore(this.#gateway, this.#facts), command)
  }

  /** Like `pay`, in a checkout's own protocol: `passOn` speaks to the upstreams. */
  payThrough<Reply>(command: PayCommand, passOn: PassOn<Reply>): Promise<PassedThrough<Reply>> {
    return payThrough(this.#gateway.ports.clock, localCore(this.#gateway, this.#facts), command, passOn)
  }

  async payment(tenant: string, id: string): Promise<Payment | undefined> {
    return (await this.#gateway.ports.journal.find(tenant, id))?.payment
  }

  async paymentByKey(tenant: string, key: string): Promise<Payment | undefined> {
    return (await this.#gateway.ports.journal.findByKey(tenant, key))?.stored.payment
  }

  async paymentsOfOrder(tenant: string, orderId: string): Promise<Payment[]> {
    const stored = await this.#gateway.ports.journal.findByOrder(tenant, orderId, ORDER_PAYMENTS_MAX)
    return stored.map(({ payment }) => payment)
  }

  /** Captures or refunds. */
  async operate(command: OperationCommand): Promise<OperationAnswer> {
    assertNotHeld(this.#gateway)
    return operate(this.#gateway, command)
  }

  async cancel(command: CancelCommand): Promise<CancelAnswer> {
    assertNotHeld(this.#gateway)
    return cancelPayment(this.#gateway, this.#facts, command)
  }

  /** Lets the payer go on with another tender. */
  async switchTender(command: SwitchCommand): Promise<SwitchAnswer> {
    assertNotHeld(this.#gateway)
    return switchTender(this.#gateway, this.#facts, command)
  }

  async creditLine(who: PayerOnRoute): Promise<LineReply> {
    if (this.#desk === undefined) return { kind: 'not_found' }
    return readLine(this.#gateway, this.#desk, this.#facts, who)
  }

  /** A payer lowers, raises, freezes or unfreezes their credit line. */
  async changeCreditLine(command: LineCommand): Promise<LineReply> {
    if (this.#desk === undefined) return { kind: 'not_found' }
    return changeLine(this.#gateway, this.#desk, this.#facts, command)
  }

  /** What the lender tells of a payer's bills and contacts. */
  async bills(command: BillCommand): Promise<BillReply> {
    if (this.#desk === undefined) return { kind: 'not_found' }
    return tellBills(this.#gateway, this.#desk, command)
  }

  /** What is kept of a payer, and the same under another shard: every shard holds payments to it. */
  async payerRecord(who: PayerOnRoute): Promise<PayerRecord | undefined> {
    const known = creditRoute(this.#gateway, who)
    if (this.#desk === undefined || known === undefined) return undefined
    return (await this.#desk.records.read(atOf(known, who))).record
  }

  async copyPayerRecord(who: PayerOnRoute, record: PayerRecord): Promise<void> {
    const known = creditRoute(this.#gateway, who)
    if (this.#desk === undefined || known === undefined) return
    const at = atOf(known, who)
    const { version } = await this.#desk.records.read(at)
    // Another copy at the same moment is the newer one, or will be repeated.
    if (!(await this.#desk.records.write(at, record, version))) {
      throw new JournalUnavailable('the record of a payer was copied twice at once')
    }
  }

  /** What an upstream tells by itself. */
  notification(
    route: string,
    headers: Readonly<Record<string, string | undefined>>,
    body: Uint8Array,
  ): Promise<NotificationResult> {
    return receiveNotification(this.#gateway, this.#facts, route, headers, body)
  }

  async evidence(evidence: Evidence): Promise<void> {
    await recordEvidence(this.#gateway, this.#facts, evidence)
  }

  /** Something failed that should not have: counted, and logged by name without its text. */
  fault(area: string, error: unknown, requestId?: string): void {
    this.#gateway.ports.telemetry.record({
      kind: 'fault',
      area,
      cause: error instanceof Error ? error.name : 'unknown',
      ...(requestId === undefined ? {} : { requestId }),
    })
  }

  /** Waits until everything that was only queued is durable. */
  drain(): Promise<void> {
    return this.#log.drain()
  }
}
