/** What a stage keeps from happening until it is cured. */
export const DELINQUENCY_BLOCKS = ['new_credit', 'limit_raise', 'long_terms'] as const
export type DelinquencyBlock = (typeof DELINQUENCY_BLOCKS)[number]

/** Steps of the ladder, in order; the last one hands over to people. */
export const LADDER = ['none', 'reminder', 'restructuring_offer', 'human_review'] as const
export type LadderStep = (typeof LADDER)[number]

export const NOTICE_KINDS = [
  'due_soon',
  'due_today',
  'overdue_reminder',
  'restructuring_offer',
  'human_review',
] as const
export type NoticeKind = (typeof NOTICE_KINDS)[number]

/** A notice and the days past due on which it goes out; negative days are before the due date. */
export interface NoticeRule {
  readonly kind: NoticeKind
  readonly days: readonly number[]
}

/** A stage is its day range; labels such as "M3+" mean different things to different people and decide nothing. */
export interface DelinquencyStage {
  readonly id: string
  readonly daysFrom: number
  /** Inclusive; null for the last stage. */
  readonly daysTo: number | null
  readonly blocks: readonly DelinquencyBlock[]
  readonly step: LadderStep
  readonly notices: readonly NoticeRule[]
}

/** M0 current to M3+ over 90 days, with what each blocks and sends. */
export const DEFAULT_STAGES: readonly DelinquencyStage[] = [
  {
    id: 'M0',
    daysFrom: 0,
    daysTo: 0,
    blocks: [],
    step: 'none',
    notices: [
      { kind: 'due_soon', days: [-3] },
      { kind: 'due_today', days: [0] },
    ],
  },
  {
    id: 'M1',
    daysFrom: 1,
    daysTo: 30,
    blocks: ['new_credit', 'limit_raise'],
    step: 'reminder',
    notices: [{ kind: 'overdue_reminder', days: [1, 3, 7, 14, 21, 28] }],
  },
  {
    id: 'M2',
    daysFrom: 31,
    daysTo: 60,
    blocks: ['new_credit', 'limit_raise', 'long_terms'],
    step: 'restructuring_offer',
    notices: [{ kind: 'restructuring_offer', days: [31, 45] }],
  },
  {
    id: 'M3',
    daysFrom: 61,
    daysTo: 90,
    blocks: ['new_credit', 'limit_raise', 'long_terms'],
    step: 'human_review',
    notices: [{ kind: 'human_review', days: [61] }],
  },
  {
    id: 'M3+',
    daysFrom: 91,
    daysTo: null,
    blocks: ['new_credit', 'limit_raise', 'long_terms'],
    step: 'human_review',
    notices: [],
  },
]

/**
 * Throws `RangeError` unless the stages cover every day from 0 on, once, climb the ladder without skipping back, and
 * send from a human-review stage nothing but the one notice that a person takes over.
 */
export function assertStages(stages: readonly DelinquencyStage[]): void {
  let next = 0
  let step = 0
  for (const [i, stage] of stages.entries()) {
    const isLast = i === stages.length - 1
    if (stage.daysFrom !== next) throw new RangeError(`${stage.id} must begin on day ${next}`)
    if (isLast !== (stage.daysTo === null))
      throw new RangeError(`only the last stage is open-ended, not ${stage.id}`)
    if (stage.daysTo !== null && stage.daysTo < stage.daysFrom)
      throw new RangeError(`${stage.id} ends before it begins`)
    const at = LADDER.indexOf(stage.step)
    if (at < step) throw new RangeError(`${stage.id} goes back down the ladder`)
    for (const notice of stage.notices) assertNotice(stage, notice)
    step = at
    next = (stage.daysTo ?? 0) + 1
  }
  if (stages.length === 0) throw new RangeError('stages must cover every day from 0 on')
}

function assertNotice(stage: DelinquencyStage, { kind, days }: NoticeRule): void {
  const early = kind === 'due_soon' || kind === 'due_today'
  for (const day of days) {
    const inside = early
      ? day <= 0 && stage.daysFrom === 0
      : day >= stage.daysFrom && day <= (stage.daysTo ?? day)
    if (!Number.isInteger(day) || !inside)
      throw new RangeError(`${stage.id}: notice ${kind} on day ${day} is outside`)
  }
  if (stage.step === 'human_review' && (kind !== 'human_review' || days.length > 1)) {
    throw new RangeError(`${stage.id}: past human review nothing is sent by itself`)
  }
}

/** The stage of a number of days past due; days before the due date belong to the first stage. */
export function stageOf(stages: readonly DelinquencyStage[], daysPastDue: number): DelinquencyStage {
  const days = Math.max(0, Math.floor(daysPastDue))
  const stage = stages.find(({ daysFrom, daysTo }) => days >= daysFrom && days <= (daysTo ?? days))
  if (!stage) throw new RangeError(`no stage for day ${daysPastDue}`)
  return stage
}

/** Where the lender and a payer stand about one overdue bill. */
export type CaseState =
  | { readonly kind: 'current' }
  | { readonly kind: 'reminded'; readonly sinceMs: number }
  | { readonly kind: 'restructuring_offered'; readonly sinceMs: number; readonly by: 'ladder' | 'person' }
  | { readonly kind: 'restructured'; readonly sinceMs: number; readonly plan: string }
  | {
      readonly kind: 'human_review'
      readonly sinceMs: number
      readonly why: 'days_past_due' | 'asked_by_payer' | 'offer_lapsed' | 'agreement_broken'
    }
  | {
      readonly kind: 'closed'
      readonly sinceMs: number
      readonly by: 'repayment' | 'person'
      readonly actor: string | null
    }

export type CaseEvent =
  /** The daily tick with the bill's days past due, counted on the restructured schedule when there is one. */
  | { readonly kind: 'day'; readonly daysPastDue: number }
  | { readonly kind: 'repaid' }
  | { readonly kind: 'offer_accepted'; readonly plan: string }
  | { readonly kind: 'review_asked' }
  /** Only a person moves a case that people hold. */
  | {
      readonly kind: 'person_decided'
      readonly actor: string
      readonly outcome: 'close' | 'offer_restructuring' | 'keep'
    }

/** An offer that a person made stands this long; unanswered, the case goes back to people. */
const PERSON_OFFER_MS = 14 * 86_400_000

/**
 * The ladder: reminder, restructuring offer, human review. It only climbs by itself, a payer may ask for a person at any
 * time, and a case in human review is moved by people alone - repayment is recorded there, but the person closes it.
 */
export function advanceCase(
  state: CaseState,
  event: CaseEvent,
  stages: readonly DelinquencyStage[],
  atMs: number,
): CaseState {
  if (state.kind === 'closed') return state
  switch (event.kind) {
    case 'person_decided':
      return decidedByPerson(state, event, atMs)
    case 'review_asked':
      return state.kind === 'human_review'
        ? state
        : { kind: 'human_review', sinceMs: atMs, why: 'asked_by_payer' }
    case 'repaid':
      if (state.kind === 'human_review') return state
      return { kind: 'closed', sinceMs: atMs, by: 'repayment', actor: null }
    case 'offer_accepted':
      if (state.kind !== 'restructuring_offered') return state
      return { kind: 'restructured', sinceMs: atMs, plan: event.plan }
    case 'day':
      return climbed(state, stageOf(stages, event.daysPastDue), atMs)
  }
}

function decidedByPerson(
  state: CaseState,
  event: Extract<CaseEvent, { kind: 'person_decided' }>,
  atMs: number,
): CaseState {
  if (event.actor === '') throw new RangeError('a decision by a person names the person')
  if (state.kind !== 'human_review' || event.outcome === 'keep') return state
  return event.outcome === 'close'
    ? { kind: 'closed', sinceMs: atMs, by: 'person', actor: event.actor }
    : { kind: 'restructuring_offered', sinceMs: atMs, by: 'person' }
}

function climbed(state: CaseState, stage: DelinquencyStage, atMs: number): CaseState {
  if (state.kind === 'human_review' || state.kind === 'closed') return state
  if (state.kind === 'restructured') {
    // A broken agreement is not answered with the ladder's next automatic step, but by a person.
    return stage.step === 'none' ? state : { kind: 'human_review', sinceMs: atMs, why: 'agreement_broken' }
  }
  if (state.kind === 'restructuring_offered' && state.by === 'person') {
    if (atMs - state.sinceMs < PERSON_OFFER_MS) return state
    return { kind: 'human_review', sinceMs: atMs, why: 'offer_lapsed' }
  }
  switch (stage.step) {
    case 'none':
      return state
    case 'reminder':
      return state.kind === 'current' ? { kind: 'reminded', sinceMs: atMs } : state
    case 'restructuring_offer':
      return state.kind === 'restructuring_offered'
        ? state
        : { kind: 'restructuring_offered', sinceMs: atMs, by: 'ladder' }
    case 'human_review':
      return { kind: 'human_review', sinceMs: atMs, why: 'days_past_due' }
  }
}

/**
 * The notices due on a day, given where the case stood before that day's step. Nothing goes out by itself once people
 * hold a case, and a broken agreement is theirs too.
 */
export function noticesDue(
  stages: readonly DelinquencyStage[],
  before: CaseState,
  daysPastDue: number,
): NoticeKind[] {
  const stage = stageOf(stages, daysPastDue)
  const heldByPeople =
    before.kind === 'human_review' ||
    before.kind === 'closed' ||
    (before.kind === 'restructuring_offered' && before.by === 'person') ||
    (before.kind === 'restructured' && stage.step !== 'none')
  if (heldByPeople) return []
  return stage.notices.filter(notice => notice.days.includes(daysPastDue)).map(notice => notice.kind)
}
