import type { CreditDecision } from './credit-decision.ts'
import type { CreditPolicy } from './credit-policy.ts'
import type { CreditReasonCode } from './types.ts'

/** A payer's credit line. Money in minor units; `used` may exceed `limit` after the limit was lowered. */
export interface CreditLine {
  readonly limit: number
  readonly used: number
  readonly frozen: { readonly by: 'payer' | 'lender'; readonly atMs: number } | null
  /** When a raise was last decided, either way. */
  readonly raiseDecidedAtMs: number | null
}

/** One audited change of a line; the notification of a changed limit is made from it. */
export interface LineChange {
  readonly kind: 'lowered' | 'raised' | 'frozen' | 'unfrozen'
  readonly by: 'payer' | 'lender'
  readonly atMs: number
  readonly limitBefore: number
  readonly limitAfter: number
}

export type LineAnswer =
  | { readonly kind: 'changed'; readonly line: CreditLine; readonly change: LineChange }
  /** Already so: asking again is safe. */
  | { readonly kind: 'unchanged'; readonly line: CreditLine }
  | {
      readonly kind: 'refused'
      readonly line: CreditLine
      readonly problem: 'not_lower' | 'not_higher' | 'frozen_by_lender'
    }

/** What can be spent now. */
export function availableCredit(line: CreditLine): number {
  return line.frozen ? 0 : Math.max(0, line.limit - line.used)
}

/** Lowers the limit at once; a payer needs no one's leave for it. What is already used stays owed as agreed. */
export function lowerLimit(
  line: CreditLine,
  limit: number,
  atMs: number,
  by: 'payer' | 'lender' = 'payer',
): LineAnswer {
  assertAmount(limit)
  if (limit === line.limit) return { kind: 'unchanged', line }
  if (limit > line.limit) return { kind: 'refused', line, problem: 'not_lower' }
  return changed(line, { ...line, limit }, 'lowered', by, atMs)
}

/** Freezes the line. A lender's freeze outlasts a payer's, so it takes its place. */
export function freezeLine(line: CreditLine, by: 'payer' | 'lender', atMs: number): LineAnswer {
  if (line.frozen?.by === by || line.frozen?.by === 'lender') return { kind: 'unchanged', line }
  return changed(line, { ...line, frozen: { by, atMs } }, 'frozen', by, atMs)
}

/** Takes a freeze off; a payer cannot take off the lender's. */
export function unfreezeLine(line: CreditLine, by: 'payer' | 'lender', atMs: number): LineAnswer {
  if (!line.frozen) return { kind: 'unchanged', line }
  if (by === 'payer' && line.frozen.by === 'lender')
    return { kind: 'refused', line, problem: 'frozen_by_lender' }
  return changed(line, { ...line, frozen: null }, 'unfrozen', by, atMs)
}

export type RaiseOutcome =
  | {
      readonly kind: 'granted' | 'partly_granted'
      readonly line: CreditLine
      readonly change: LineChange
      readonly reasons: readonly CreditReasonCode[]
    }
  /** `reasons` is empty when the cause is the lender's (`cause: 'appetite'`), which has no credit reason. */
  | {
      readonly kind: 'refused'
      readonly line: CreditLine
      readonly cause: 'frozen' | 'law' | 'account' | 'risk' | 'appetite'
      readonly reasons: readonly CreditReasonCode[]
      readonly humanReview: boolean
    }
  /** A raise was decided lately; nothing about the payer is assessed again before `reviewAtMs`. */
  | { readonly kind: 'too_soon'; readonly line: CreditLine; readonly reviewAtMs: number }
  | { readonly kind: 'not_higher'; readonly line: CreditLine }

const DAY_MS = 86_400_000

/**
 * Answers a payer who asks for a higher limit with a fresh decision: all of it, as much of it as the decision allows,
 * or a refusal with reasons and the way to a person. A granted part carries the reasons why it is not all.
 */
export function requestRaise(
  line: CreditLine,
  asked: number,
  decision: CreditDecision,
  policy: CreditPolicy,
  atMs: number,
): RaiseOutcome {
  assertAmount(asked)
  if (asked <= line.limit) return { kind: 'not_higher', line }
  if (line.frozen) {
    const reasons: CreditReasonCode[] = line.frozen.by === 'payer' ? ['CRD_FROZEN_BY_USER'] : []
    return { kind: 'refused', line, cause: 'frozen', reasons, humanReview: line.frozen.by === 'lender' }
  }
  const reviewAtMs = (line.raiseDecidedAtMs ?? Number.NEGATIVE_INFINITY) + policy.raiseWaitDays * DAY_MS
  if (atMs < reviewAtMs) return { kind: 'too_soon', line, reviewAtMs }
  const decided: CreditLine = { ...line, raiseDecidedAtMs: atMs }
  if (decision.kind === 'refused') {
    const { cause, reasons, humanReview } = decision
    return { kind: 'refused', line: decided, cause, reasons, humanReview }
  }
  if (decision.limit <= line.limit) {
    const cause = decision.limitComponents[0]?.kind === 'appetite' ? 'appetite' : 'risk'
    return { kind: 'refused', line: decided, cause, reasons: decision.limitReasons, humanReview: true }
  }
  const limit = Math.min(asked, decision.limit)
  const answer = changed(line, { ...decided, limit }, 'raised', 'payer', atMs)
  return {
    kind: limit === asked ? 'granted' : 'partly_granted',
    line: answer.line,
    change: answer.change,
    reasons: limit === asked ? [] : decision.limitReasons,
  }
}

function changed(
  before: CreditLine,
  line: CreditLine,
  kind: LineChange['kind'],
  by: 'payer' | 'lender',
  atMs: number,
): { kind: 'changed'; line: CreditLine; change: LineChange } {
  return {
    kind: 'changed',
    line,
    change: { kind, by, atMs, limitBefore: before.limit, limitAfter: line.limit },
  }
}

function assertAmount(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 0)
    throw new RangeError('a limit is a whole number of minor units')
}
