import type { UpstreamContract } from '../../core/payment/route.ts'

/** A kind of upstream: what it promises, and how it behaves where it promises nothing. */
export interface UpstreamType {
  readonly name: string
  readonly summary: string
  readonly contract: UpstreamContract
  /** Longest time from our sending to its effect, ms. Never more than the settle window, where there is one. */
  readonly travelMaxMs: number
  /** Whether its notifications come in the end, only by luck, or never. */
  readonly notifies: 'surely' | 'maybe' | 'never'
  /** Whether some of its payments need the payer. */
  readonly redirects: boolean
  /** Payments on it may end with a person, because nothing else can tell how they stand. */
  readonly mayNeedPerson: boolean
}

const WINDOW_MS = 60_000
const DAY_HOURS = 24

const PLAIN: UpstreamContract = {
  idempotency: { mode: 'none', retentionHours: 0, replaysErrors: false },
  queryable: false,
  cancel: [],
  settleWindowMs: WINDOW_MS,
  honoursExpiry: false,
  cancelTombstones: false,
}

const KEYED = { mode: 'key', retentionHours: DAY_HOURS, replaysErrors: true } as const
const UNIQUE = { mode: 'reference', retentionHours: DAY_HOURS, replaysErrors: false } as const

const { settleWindowMs: _none, ...OPEN_ENDED } = PLAIN

export const UPSTREAM_TYPES: readonly UpstreamType[] = [
  {
    name: 'idempotent',
    summary: 'keeps keys with all answers, can be asked, voids and reverses',
    contract: { ...PLAIN, idempotency: KEYED, queryable: true, cancel: ['void', 'reverse'] },
    travelMaxMs: WINDOW_MS,
    notifies: 'surely',
    redirects: false,
    mayNeedPerson: false,
  },
  {
    name: 'idempotent-blind',
    summary: 'keeps keys with all answers, and that is all',
    contract: { ...PLAIN, idempotency: KEYED },
    travelMaxMs: WINDOW_MS,
    notifies: 'never',
    redirects: false,
    mayNeedPerson: false,
  },
  {
    name: 'idempotent-approvals',
    summary: 'keeps keys with approvals only, can be asked',
    contract: { ...PLAIN, idempotency: { ...KEYED, replaysErrors: false }, queryable: true },
    travelMaxMs: WINDOW_MS,
    notifies: 'maybe',
    redirects: false,
    mayNeedPerson: false,
  },
  {
    name: 'queryable',
    summary: 'charges again when asked again, but can be asked',
    contract: { ...PLAIN, queryable: true },
    travelMaxMs: WINDOW_MS,
    notifies: 'surely',
    redirects: false,
    mayNeedPerson: false,
  },
  {
    name: 'reversible',
    summary: 'a reference is used once and is dead when canceled; closes, voids, reverses, can be asked',
    contract: {
      ...OPEN_ENDED,
      idempotency: UNIQUE,
      queryable: true,
      cancel: ['close', 'void', 'reverse'],
      cancelTombstones: true,
    },
    travelMaxMs: 10 * WINDOW_MS,
    notifies: 'maybe',
    redirects: true,
    mayNeedPerson: false,
  },
  {
    name: 'reversible-blind',
    summary: 'cannot be asked, but what is reversed is dead',
    contract: { ...OPEN_ENDED, cancel: ['reverse'], cancelTombstones: true },
    travelMaxMs: 10 * WINDOW_MS,
    notifies: 'never',
    redirects: false,
    mayNeedPerson: false,
  },
  {
    name: 'expiring',
    summary: 'refuses what arrives after its expiry, can be asked',
    contract: { ...OPEN_ENDED, queryable: true, cancel: ['void'], honoursExpiry: true },
    travelMaxMs: 10 * WINDOW_MS,
    notifies: 'maybe',
    redirects: false,
    mayNeedPerson: false,
  },
  {
    name: 'redirect',
    summary: 'sends the payer to a page, closes, can be asked',
    contract: { ...PLAIN, idempotency: UNIQUE, queryable: true, cancel: ['close'] },
    travelMaxMs: WINDOW_MS,
    notifies: 'surely',
    redirects: true,
    mayNeedPerson: false,
  },
  {
    name: 'neither',
    summary: 'can neither be asked nor be sent to again; some of its notifications come',
    contract: PLAIN,
    travelMaxMs: WINDOW_MS,
    notifies: 'maybe',
    redirects: false,
    mayNeedPerson: true,
  },
]

/** Every payment meets routes of several types. */
export const MIXED = 'mixed'
