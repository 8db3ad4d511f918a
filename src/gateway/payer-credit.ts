import {
  type CreditLine,
  freezeLine,
  type LineAnswer,
  type LineChange,
  lowerLimit,
  requestRaise,
  unfreezeLine,
} from '../core/credit/credit-line.ts'
import { DEFAULT_CREDIT_POLICY } from '../core/credit/credit-policy.ts'
import type { FactState } from '../core/eligibility/facts.ts'
import type { Money } from '../core/payment/money.ts'
import { decisionEvent, limitEvent } from './credit-events.ts'
import type { CreditDesk } from './credit-desk.ts'
import { decisionOnRaise } from './credit-raise.ts'
import { eventItems } from './events.ts'
import type { Facts } from './facts.ts'
import { lineOf, type LineView, lineView } from './line-view.ts'
import { atOf, creditRoute, currencyOf, factsOf, type PayerOnRoute } from './payer-on-route.ts'
import type { KeptAnswer, PayerRecord, StoredRecord } from './payer-records.ts'
import type { Gateway, RouteRuntime } from './runtime.ts'

/** What a payer does about their own credit line. */
export interface LineCommand extends PayerOnRoute {
  readonly change:
    | { readonly kind: 'limit'; readonly limit: Money }
    | { readonly kind: 'freeze' }
    | { readonly kind: 'unfreeze' }
  readonly key: { readonly key: string; readonly fingerprint: string }
}

/** What came of a change. */
export interface LineOutcome {
  readonly outcome:
    | 'unchanged'
    | 'lowered'
    | 'frozen'
    | 'unfrozen'
    | 'granted'
    | 'partly_granted'
    | 'refused'
    /** Nothing here can judge it: the lender's people do. */
    | 'to_review'
    | 'too_soon'
  /** Most important first; empty where the payer is not the cause. */
  readonly reasons: readonly string[]
  readonly humanReview?: boolean
  /** From when a raise is decided again. */
  readonly reviewAtMs?: number
}

export type LineReply =
  | {
      readonly kind: 'line'
      readonly view: LineView
      readonly outcome?: LineOutcome
      readonly replayed: boolean
    }
  /** No such credit route, or the lender does not know the payer. */
  | { readonly kind: 'not_found' }
  | {
      readonly kind: 'refused'
      readonly code: 'idempotency_key_reused' | 'state_conflict' | 'currency_mismatch' | 'facts_unavailable'
    }

const WRITES_MAX = 8
/** Changes whose keys are remembered per payer. */
const ANSWERS_MAX = 20

/** A payer's line at the lender of a route. Rejects with `JournalUnavailable`. */
export async function readLine(
  gateway: Gateway,
  desk: CreditDesk,
  facts: Facts,
  who: PayerOnRoute,
): Promise<LineReply> {
  const known = creditRoute(gateway, who)
  if (known === undefined) return { kind: 'not_found' }
  const state = await factsOf(gateway, facts, known, who)
  if (state.kind === 'unknown_payer') return { kind: 'not_found' }
  const { record } = await desk.records.read(atOf(known, who))
  return { kind: 'line', view: lineView(gateway, desk, known, record, state), replayed: false }
}

/**
 * Lowers, raises, freezes or unfreezes a payer's line. It is durable when this resolves, and holds for every payment
 * that begins after it. Lowering and freezing need nobody's leave and work while the lender cannot be asked. Safe to
 * repeat with the same key, for as long as the payer makes no more than 20 other changes.
 */
export async function changeLine(
  gateway: Gateway,
  desk: CreditDesk,
  facts: Facts,
  command: LineCommand,
): Promise<LineReply> {
  const known = creditRoute(gateway, command)
  if (known === undefined) return { kind: 'not_found' }
  const { change } = command
  if (change.kind === 'limit' && change.limit.currency !== currencyOf(known)) {
    return { kind: 'refused', code: 'currency_mismatch' }
  }
  const state = await factsOf(gateway, facts, known, command)
  if (state.kind === 'unknown_payer') return { kind: 'not_found' }
  const at = atOf(known, command)
  for (let writes = 0; writes < WRITES_MAX; writes++) {
    const stored = await desk.records.read(at)
    const before = stored.record.answers.find(({ key }) => key === command.key.key)
    if (before !== undefined) return replay(gateway, desk, known, command, before, stored.record, state)
    const step = stepOf(gateway, desk, known, command, stored, state)
    if ('code' in step) return { kind: 'refused', code: step.code }
    const kept: KeptAnswer = {
      ...command.key,
      body: JSON.stringify(step.outcome),
      events: step.events.map(event => ({ id: `evt_${gateway.ports.random.hex(32)}`, ...event })),
    }
    const record = { ...step.record, answers: [...step.record.answers, kept].slice(-ANSWERS_MAX) }
    if (!(await desk.records.write(at, record, stored.version))) continue
    await tell(gateway, command.tenant, kept)
    const view = lineView(gateway, desk, known, record, state)
    return { kind: 'line', view, outcome: step.outcome, replayed: false }
  }
  throw new Error('a credit line changed more often than a change of it could be written')
}

async function replay(
  gateway: Gateway,
  desk: CreditDesk,
  known: RouteRuntime,
  command: LineCommand,
  before: KeptAnswer,
  record: PayerRecord,
  state: FactState,
): Promise<LineReply> {
  if (before.fingerprint !== command.key.fingerprint)
    return { kind: 'refused', code: 'idempotency_key_reused' }
  // The change may have been written by a process that died before it told of it.
  await tell(gateway, command.tenant, before)
  const outcome = JSON.parse(before.body) as LineOutcome
  return { kind: 'line', view: lineView(gateway, desk, known, record, state), outcome, replayed: true }
}

async function tell({ ports, runtime }: Gateway, tenant: string, { events }: KeptAnswer): Promise<void> {
  const told = runtime().tenants.get(tenant)
  if (told === undefined) return
  const items = events.flatMap(event => eventItems([told], event, ports.clock.now()))
  if (items.length > 0) await ports.journal.putOutbox(items)
}

type Told = readonly { readonly type: string; readonly data: object }[]
type Step =
  | { readonly record: PayerRecord; readonly outcome: LineOutcome; readonly events: Told }
  | { readonly code: 'state_conflict' | 'facts_unavailable' }

function stepOf(
  gateway: Gateway,
  desk: CreditDesk,
  known: RouteRuntime,
  { change, payer }: LineCommand,
  { record }: StoredRecord,
  state: FactState,
): Step {
  const now = gateway.ports.clock.now()
  const facts = state.kind === 'known' ? state.facts : undefined
  const line = lineOf(record, facts)
  const rules = desk.contactRules(known.route.id)
  const about = {
    payer,
    route: known.route,
    currency: currencyOf(known),
    preference: record.preference,
    rules,
  }
  const settled = (answer: LineAnswer): Step => {
    if (answer.kind === 'refused') return { code: 'state_conflict' }
    if (answer.kind === 'unchanged')
      return { record, outcome: { outcome: 'unchanged', reasons: [] }, events: [] }
    const outcome = answer.change.kind === 'raised' ? 'granted' : answer.change.kind
    return {
      record: withLine(record, answer.line, answer.change),
      outcome: { outcome, reasons: [] },
      events: [limitEvent(about, answer.change)],
    }
  }
  if (change.kind === 'freeze') return settled(freezeLine(line, 'payer', now))
  if (change.kind === 'unfreeze') return settled(unfreezeLine(line, 'payer', now))
  const { value } = change.limit
  if (value <= line.limit) return settled(lowerLimit(line, value, now))
  if (facts === undefined || (state.kind === 'known' && !state.fresh)) return { code: 'facts_unavailable' }
  const decision = decisionOnRaise(desk, known, facts, value, record, now)
  if (decision === undefined) {
    const outcome: LineOutcome = { outcome: 'to_review', reasons: [], humanReview: true }
    return { record, outcome, events: [decisionEvent(about, outcome, value, line.limit)] }
  }
  const policy = known.lending?.policy ?? DEFAULT_CREDIT_POLICY
  const raise = requestRaise(line, value, decision, policy, now)
  switch (raise.kind) {
    case 'not_higher':
      return { code: 'state_conflict' }
    case 'too_soon':
      return {
        record,
        outcome: { outcome: 'too_soon', reasons: [], reviewAtMs: raise.reviewAtMs },
        events: [],
      }
    case 'refused': {
      const { reasons, humanReview, cause } = raise
      const outcome: LineOutcome = { outcome: 'refused', reasons: toldReasons(reasons, cause), humanReview }
      const decided = { ...record, raiseDecidedAtMs: raise.line.raiseDecidedAtMs }
      return { record: decided, outcome, events: [decisionEvent(about, outcome, value, line.limit)] }
    }
    case 'granted':
    case 'partly_granted': {
      const { reasons, change: raised } = raise
      const outcome: LineOutcome = { outcome: raise.kind, reasons, humanReview: raise.kind !== 'granted' }
      return {
        record: withLine(record, raise.line, raised),
        outcome,
        events: [decisionEvent(about, outcome, value, raise.line.limit), limitEvent(about, raised)],
      }
    }
  }
}

/** The lender's appetite is no fault of the payer's, and told as what it is. */
function toldReasons(reasons: readonly string[], cause: string): readonly string[] {
  return cause === 'appetite' ? ['LIQ_AMOUNT_RESTRICTED'] : reasons
}

function withLine(record: PayerRecord, line: CreditLine, { kind }: LineChange): PayerRecord {
  const { frozen, raiseDecidedAtMs, limit } = line
  const ceiling = kind === 'lowered' || kind === 'raised' ? limit : record.ceiling
  // What the lender itself has frozen is its own to remember.
  return { ...record, ceiling, raiseDecidedAtMs, frozen: frozen?.by === 'lender' ? record.frozen : frozen }
}
