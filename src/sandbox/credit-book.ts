import { Bounded } from './bounded.ts'

/** What the eligibility service tells about a payer; `availableCredit` in minor units. */
export interface PayerFacts {
  activated: boolean
  frozen: boolean
  availableCredit: number
  daysPastDue: number
  tier: string
  restrictions?: string[]
  creditLimit?: number
  monthlyIncome?: number
  monthlyObligations?: number
  existingCustomer?: boolean
  legal?: { birthDate: string | null; isStudent: boolean | null; identityVerified: boolean | null }
  /** What single sources know of the payer, for a scorecard. */
  factors?: {
    source: string
    asOf?: number
    consent?: boolean
    values: Record<string, number | string | null>
  }[]
}

type Trouble = 'unknown' | 'slow' | 'down' | 'hang' | 'garbage'

/** Payers whose id begins so; whatever follows tells them apart. */
const MAGIC_PAYERS: Readonly<Record<string, Partial<PayerFacts>>> = {
  'sbx-not-activated': { activated: false, availableCredit: 0 },
  'sbx-frozen': { frozen: true },
  'sbx-overdue': { daysPastDue: 17 },
  'sbx-low-credit': { availableCredit: 1_000 },
  'sbx-student': { restrictions: ['CRD_NOT_ELIGIBLE_BY_RULE'] },
  'sbx-unverified': { restrictions: ['CRD_INFO_UNVERIFIED'] },
}

const MAGIC_TROUBLE: Readonly<Record<string, Trouble>> = {
  'sbx-unknown': 'unknown',
  'sbx-slow': 'slow',
  'sbx-down': 'down',
  'sbx-hang': 'hang',
  'sbx-garbage': 'garbage',
}

const ordinary: PayerFacts = {
  activated: true,
  frozen: false,
  availableCredit: 5_000_000,
  daysPastDue: 0,
  tier: 'A',
}

interface Account {
  facts: PayerFacts
  version: number
}

/** The lender's book: what each payer may still borrow, lowered by every approval and raised by every undoing. */
export class CreditBook {
  readonly #accounts: Bounded<Account>

  constructor(payersMax: number) {
    this.#accounts = new Bounded(payersMax)
  }

  /** How the eligibility service misbehaves for this payer, if it does. */
  trouble(payer: string): Trouble | undefined {
    return magicEntry(MAGIC_TROUBLE, payer)
  }

  facts(payer: string): PayerFacts & { asOf: number; version: string } {
    const { facts, version } = this.#account(payer)
    return { ...facts, asOf: Date.now(), version: String(version) }
  }

  /** Why the lender refuses, or undefined when it lends. */
  refusal(payer: string, value: number): string | undefined {
    const { facts } = this.#account(payer)
    if (this.trouble(payer) === 'unknown' || !facts.activated) return 'NOT_ACTIVATED'
    if (facts.frozen) return 'FROZEN'
    if (facts.daysPastDue > 0) return 'OVERDUE'
    if (facts.restrictions !== undefined && facts.restrictions.length > 0) return 'RESTRICTED'
    return facts.availableCredit < value ? 'LIMIT_INSUFFICIENT' : undefined
  }

  /** Lowers (positive) or raises (negative) what the payer has drawn, in minor units. */
  draw(payer: string, value: number): void {
    const { facts } = this.#account(payer)
    this.change(payer, { availableCredit: facts.availableCredit - value })
  }

  change(payer: string, change: Partial<PayerFacts>): void {
    const account = this.#account(payer)
    this.#accounts.set(payer, { facts: { ...account.facts, ...change }, version: account.version + 1 })
  }

  clear(): void {
    this.#accounts.clear()
  }

  #account(payer: string): Account {
    return (
      this.#accounts.get(payer) ?? { facts: { ...ordinary, ...magicEntry(MAGIC_PAYERS, payer) }, version: 1 }
    )
  }
}

/** `sbx-overdue` and `sbx-overdue-17`, but not `sbx-overdueish`. */
function magicEntry<Value>(table: Readonly<Record<string, Value>>, payer: string): Value | undefined {
  if (!payer.startsWith('sbx-')) return undefined
  const name = Object.keys(table).find(prefix => payer === prefix || payer.startsWith(`${prefix}-`))
  return name === undefined ? undefined : table[name]
}
