import { hash32 } from '../core/hash.ts'
import type { Evidence } from '../core/payment/outcome.ts'
import type { Payment } from '../core/payment/payment.ts'
import { currentContext } from '../core/payment/switch.ts'
import { applyEvidence, isClear, mayOpenNext, openAttempt } from '../core/payment/transition.ts'
import {
  otherSourceMayCarry,
  prepareAttempt,
  priorAttempts,
  skipLateRoutes,
  type Opening,
  withPermit,
} from './attempt.ts'
import { endWithoutRoute } from './begin.ts'
import { type Change, commit, type Committed } from './commit.ts'
import { decisionRow, type IdentifiedDecision, makeDecision } from './decide.ts'
import { withoutProof } from './evidence.ts'
import type { Facts } from './facts.ts'
import { newDecisionId, shardOf } from './ids.ts'
import { learnFromEvidence } from './learn.ts'
import type { Gateway } from './runtime.ts'
import type { Session, Step } from './step.ts'

/** How often a write is made again after somebody else wrote first. */
const WRITES_MAX = 16

/**
 * Second half of a payment, and of everything that comes in later: joins the evidence into the payment and, where
 * failover is allowed, opens the next attempt in the same write.
 *
 * The caller acts under the epoch that it was granted. When another instance has taken over, the evidence is still
 * recorded, since it is true whoever saw it, but nothing further is opened here.
 */
export async function record(
  gateway: Gateway,
  facts: Facts,
  session: Session,
  evidence?: Evidence,
): Promise<Step> {
  let payment: Payment = session.payment
  let version: number = session.version
  let owner = true
  const refused = new Map<string, string>()
  for (let writes = 0; writes < WRITES_MAX; writes++) {
    const known: Evidence | undefined = evidence === undefined || owner ? evidence : withoutProof(evidence)
    const joined = known === undefined ? payment : applyEvidence(payment, known)
    const leaseStartedAt = gateway.ports.clock.monotonic()
    const next: Next | undefined = owner
      ? await planNext(gateway, facts, session, joined, refused)
      : undefined
    const after = next?.payment ?? joined
    if (!owner && after === payment) return { kind: 'answer', payment, replayed: false }
    const change: Change = {
      before: payment,
      version,
      after,
      ...(owner
        ? { epoch: session.epoch, leaseMs: next?.opening === undefined ? 0 : gateway.settings.leaseMs }
        : {}),
      ...(next?.opening?.reserve === undefined ? {} : { reserve: next.opening.reserve }),
      ...(next?.decided === undefined ? {} : { decision: decisionRow(next.decided) }),
    }
    const committed: Committed = await withPermit(
      gateway,
      next?.opening,
      () => commit(gateway, session.runtime, change),
      ({ result: { kind } }) => kind === 'saved',
    )
    const { result, payment: written } = committed
    switch (result.kind) {
      case 'saved':
        if (known !== undefined) learnFromEvidence(gateway, facts, payment, written, known)
        if (next?.opening === undefined) return { kind: 'answer', payment: written, replayed: false }
        return {
          kind: 'send',
          attempt: next.opening.attempt,
          permit: next.opening.permit,
          session: {
            ...session,
            payment: written,
            version: result.version,
            leaseEndsAt: leaseStartedAt + gateway.settings.leaseMs,
          },
        }
      case 'conflict':
        // The epoch is the one that was granted to us, never the one that was read: reading it would adopt a
        // successor's right to act.
        owner &&= result.stored.epoch === session.epoch
        payment = result.stored.payment
        version = result.stored.version
        break
      case 'refused':
        if (result.reason === 'funds_exhausted' && otherSourceMayCarry(gateway, next?.opening)) break
        refused.set(
          next?.opening?.attempt.route ?? '',
          result.reason === 'credit_held' ? 'CRD_LIMIT_INSUFFICIENT' : 'LIQ_DAILY_CAPACITY',
        )
        break
      case 'key_exists':
      case 'duplicate_event':
        return { kind: 'answer', payment, replayed: false }
    }
  }
  return { kind: 'answer', payment, replayed: false }
}

interface Next {
  readonly payment: Payment
  readonly decided?: IdentifiedDecision
  readonly opening?: Opening
}

/** What the owner does after the evidence: the next attempt, the end, or nothing while money may be under way. */
async function planNext(
  gateway: Gateway,
  facts: Facts,
  session: Session,
  payment: Payment,
  refused: Map<string, string>,
): Promise<Next | undefined> {
  // While sends are held the payment is left where it is; the resolver goes on with it when they are released.
  if (payment.result !== undefined || !isClear(payment) || gateway.held?.() === true) return undefined
  const { clock, random } = gateway.ports
  const opens = (): boolean => session.final !== true && mayOpenNext(payment, clock.now())
  // Where nothing more is opened anyway, what would work anew is told as it is.
  if (opens()) skipLateRoutes(session.tenant.policy.routes, payment.deadlineAt, clock.now(), refused)
  const decided = await makeDecision(gateway, session.runtime, facts, {
    id: newDecisionId(clock, random, shardOf(payment.id)),
    tenant: session.tenant,
    context: currentContext(payment),
    paying: true,
    prior: priorAttempts(payment),
    seed: hash32(payment.id),
    refused,
    ...(session.requestId === undefined ? {} : { requestId: session.requestId }),
  })
  // Asked again: the time may have run out while it was decided.
  const head = opens() ? decided.decision.cascade[0] : undefined
  if (head === undefined) return { payment: end(payment, decided, session), decided }
  const opening = prepareAttempt(gateway, session.runtime, payment, head, decided.decision)
  if (opening === undefined) {
    refused.set(head, 'TECH_ROUTE_UNSTABLE')
    return refused.size > session.tenant.policy.routes.length
      ? { payment: end(payment, decided, session), decided }
      : planNext(gateway, facts, session, payment, refused)
  }
  tellFailover(gateway, payment, head)
  return {
    payment: { ...openAttempt(payment, opening.attempt, clock.now()), decision: decided.id },
    decided,
    opening,
  }
}

function end(payment: Payment, decided: IdentifiedDecision, session: Session): Payment {
  return endWithoutRoute(payment, decided, session.tenant)
}

function tellFailover(gateway: Gateway, payment: Payment, to: string): void {
  const last = payment.attempts.at(-1)
  if (last === undefined) return
  gateway.ports.telemetry.record({
    kind: 'failover',
    from: last.route,
    to,
    category: last.declineCategory ?? 'upstream_unavailable',
  })
}
