import { DurableObject } from 'cloudflare:workers'
import { systemClock } from '../adapters/system/clock.ts'
import type { PaymentContext } from '../core/payment/context.ts'
import type { Evidence } from '../core/payment/outcome.ts'
import type { PayCommand } from '../gateway/step.ts'
import type { BillCommand } from '../gateway/bills.ts'
import type { CancelCommand } from '../gateway/cancel.ts'
import type { SwitchCommand } from '../gateway/switch.ts'
import type { OperationCommand } from '../gateway/operations.ts'
import type { LineCommand } from '../gateway/payer-credit.ts'
import type { PayerOnRoute } from '../gateway/payer-on-route.ts'
import type { PayerRecord } from '../gateway/payer-records.ts'
import type { OutcomeReport } from '../gateway/outcome.ts'
import { SendsHeld } from '../gateway/recovery.ts'
import { createAdminApp } from '../http/admin.ts'
import { JournalUnavailable } from '../ports/journal.ts'
import type { Background } from './background.ts'
import { bundledConfig } from './bundled-config.ts'
import { composeState, type StateGateway } from './compose-state.ts'
import type { Directory } from './directory.ts'
import { adminCredit } from './lending.ts'
import { readEdgeConfig } from './edge-config.ts'
import { remoteMarks } from './remote-marks.ts'
import { RemoteTreasury, type Treasury } from './treasury.ts'
import { sendingFromWire, toWire, type WireSending, type WireStep } from './step-wire.ts'

/** What a call comes to. Errors lose their class on the way between objects, so they travel as data. */
export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: 'unavailable' | 'held' | 'failed'; readonly message: string }

/** How long after its last call an object stays awake. */
const IDLE_MS = 15_000
const ALARM_REST_MS = 1_000

/**
 * The state of one shard of one tenant: journal, decisions, breakers, what was learned, the connection to Redis, and
 * the resolver, which its alarm wakes. One method per use case; those of payments are two halves, because the send
 * between them happens in the Worker.
 */
export class StateCore extends DurableObject<Readonly<Record<string, unknown>>> {
  #state: StateGateway | undefined
  /** Unix ms of the alarm that is set. */
  #alarmAt: number | undefined
  /** Set while the object is awake: its rounds run by timers, and the alarm is for when it sleeps. */
  #rounds: Promise<Background> | undefined
  #stopping: Promise<void> = Promise.resolve()
  #usedAt = 0

  constructor(ctx: DurableObjectState, env: Readonly<Record<string, unknown>>) {
    super(ctx, env)
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAt = (await ctx.storage.getAlarm()) ?? undefined
      const config = await readEdgeConfig(env, bundledConfig, systemClock)
      const { runtime } = config.generation
      this.#state = await composeState({
        storage: ctx.storage,
        config,
        slices: new RemoteTreasury(env.TREASURY as DurableObjectNamespace<Treasury>, () =>
          (runtime.pools ?? []).map(({ pool }) => pool.id),
        ),
        place: { shard: ctx.id.toString(), shardsMax: runtime.tenants.size * config.shards.count },
        marks: remoteMarks(env.DIRECTORY as DurableObjectNamespace<Directory>, ctx.id.toString()),
        onDue: at => this.#wakeAt(at),
      })
      this.#awake(this.#state)
      // The first decision sees what was learned and how full the pools are.
      await this.#rounds
    })
  }

  begin(command: PayCommand, configVersion: string): Promise<Reply<WireStep>> {
    return this.#reply(async ({ gateway, core }) => {
      const { version } = gateway.runtime()
      if (version !== configVersion) {
        throw new JournalUnavailable(`the state runs configuration ${version}, the Worker ${configVersion}`)
      }
      return toWire(gateway.ports.clock, await core.begin(command))
    })
  }

  /** An outcome is recorded whichever configuration it comes from; only with ours another attempt is opened. */
  hear(sending: WireSending, evidence: Evidence): Promise<Reply<WireStep>> {
    return this.#reply(async ({ gateway, service, core }) => {
      const { clock, journal } = gateway.ports
      if (sending.session.configVersion === gateway.runtime().version) {
        const heard = sendingFromWire(gateway.runtime(), clock.monotonic(), sending)
        return toWire(clock, await core.hear(heard, evidence))
      }
      await service.evidence(evidence)
      const { tenant, id } = sending.session.payment
      const payment = (await journal.find(tenant, id))?.payment ?? sending.session.payment
      return { kind: 'answer', payment, replayed: false }
    })
  }

  evidence(evidence: Evidence): Promise<Reply<void>> {
    return this.#reply(({ service }) => service.evidence(evidence))
  }

  decide(
    tenant: string,
    context: PaymentContext,
    options: { readonly requestId: string; readonly durable: boolean; readonly shard: number },
  ) {
    return this.#reply(async ({ service }) => {
      const decided = await service.decide(tenant, context, options)
      // An object may be put to rest at any time: what is only queued would be lost.
      await service.drain()
      return decided
    })
  }

  quotes(tenant: string, context: PaymentContext, shard: number) {
    return this.#reply(({ service }) => service.quotes(tenant, context, shard))
  }

  decision(tenant: string, id: string) {
    return this.#reply(({ service }) => service.decision(tenant, id))
  }

  reportOutcome(tenant: string, decision: string, report: OutcomeReport) {
    return this.#reply(({ service }) => service.reportOutcome(tenant, decision, report))
  }

  payment(tenant: string, id: string) {
    return this.#reply(({ service }) => service.payment(tenant, id))
  }

  paymentByKey(tenant: string, key: string) {
    return this.#reply(({ service }) => service.paymentByKey(tenant, key))
  }

  paymentsOfOrder(tenant: string, orderId: string) {
    return this.#reply(({ service }) => service.paymentsOfOrder(tenant, orderId))
  }

  operate(command: OperationCommand) {
    return this.#reply(({ service }) => service.operate(command))
  }

  cancel(command: CancelCommand) {
    return this.#reply(({ service }) => service.cancel(command))
  }

  switchTender(command: SwitchCommand) {
    return this.#reply(({ service }) => service.switchTender(command))
  }

  creditLine(who: PayerOnRoute) {
    return this.#reply(({ service }) => service.creditLine(who))
  }

  changeCreditLine(command: LineCommand) {
    return this.#reply(({ service }) => service.changeCreditLine(command))
  }

  bills(command: BillCommand) {
    return this.#reply(({ service }) => service.bills(command))
  }

  payerRecord(who: PayerOnRoute) {
    return this.#reply(({ service }) => service.payerRecord(who))
  }

  copyPayerRecord(who: PayerOnRoute, record: PayerRecord) {
    return this.#reply(({ service }) => service.copyPayerRecord(who, record))
  }

  notification(route: string, headers: Readonly<Record<string, string | undefined>>, body: Uint8Array) {
    return this.#reply(({ service }) => service.notification(route, headers, body))
  }

  /** The admin API of this shard. Whoever is let through to it has shown the token already. */
  async fetch(request: Request): Promise<Response> {
    const state = this.#composed()
    const { gateway, facts, operators, breaker, service } = state
    this.#awake(state)
    const refused = {
      ok: false as const,
      problems: ['on Workers a configuration is deployed, not replaced while it runs'],
    }
    const app = createAdminApp({
      runtime: () => gateway.runtime(),
      breaker,
      clock: gateway.ports.clock,
      limits: () => ({ bodyBytesMax: 65_536, jsonDepthMax: 16 }),
      metrics: () => state.metrics(),
      pools: state.lending.pools,
      credit: adminCredit(state.lending, () => gateway.ports.clock.now()),
      webhooks: state.webhooks.admin,
      config: { preview: () => Promise.resolve(refused), apply: () => Promise.resolve(refused) },
      recovery: state.recovery,
      payments: { gateway, facts, operatorOf: header => operators.nameOf(header) },
      authorized: () => true,
      fault: error => service.fault('admin', error),
    })
    const response = await app.fetch(request)
    state.keepBreaker()
    return response
  }

  /** Something is due. The rounds that run while the object is awake do it. */
  async alarm(): Promise<void> {
    this.#alarmAt = undefined
    const state = this.#composed()
    this.#awake(state)
    await this.#rounds
    const next = state.journal.nextDueAt()
    // Not at once: what could not be done by then is not hammered at.
    if (next !== undefined) this.#wakeAt(Math.max(next, systemClock.now() + ALARM_REST_MS))
  }

  async #reply<T>(work: (state: StateGateway) => Promise<T>): Promise<Reply<T>> {
    const state = this.#composed()
    this.#awake(state)
    try {
      return { ok: true, value: await work(state) }
    } catch (error) {
      if (error instanceof JournalUnavailable)
        return { ok: false, fault: 'unavailable', message: error.message }
      if (error instanceof SendsHeld) return { ok: false, fault: 'held', message: error.message }
      state.service.fault('state', error)
      return { ok: false, fault: 'failed', message: error instanceof Error ? error.name : 'unknown' }
    }
  }

  /** Keeps the rounds running until the object was left alone for a while. */
  #awake(state: StateGateway): void {
    this.#usedAt = systemClock.monotonic()
    if (this.#rounds !== undefined) return
    const rounds = this.#stopping.then(() => state.startRounds())
    this.#rounds = rounds
    rounds.catch(error => {
      state.service.fault('rounds', error)
      this.#rounds = undefined
    })
    this.#restWhenIdle(state, rounds, IDLE_MS)
  }

  #restWhenIdle(state: StateGateway, rounds: Promise<Background>, afterMs: number): void {
    systemClock.timer(afterMs, () => {
      if (this.#rounds !== rounds) return
      const leftMs = IDLE_MS - (systemClock.monotonic() - this.#usedAt)
      if (leftMs > 0) {
        this.#restWhenIdle(state, rounds, leftMs)
        return
      }
      this.#rounds = undefined
      this.#stopping = this.#rest(state, rounds)
    })
  }

  async #rest(state: StateGateway, rounds: Promise<Background>): Promise<void> {
    await state.stopRounds(await rounds)
    const next = state.journal.nextDueAt()
    if (next !== undefined) this.#wakeAt(next)
  }

  #composed(): StateGateway {
    if (this.#state === undefined) throw new Error('the state is not composed')
    return this.#state
  }

  /** Not waited for: it becomes durable with the write in whose turn it is set. */
  #wakeAt(at: number): void {
    if (this.#alarmAt !== undefined && this.#alarmAt <= at) return
    this.#alarmAt = at
    void this.ctx.storage.setAlarm(at)
  }
}
