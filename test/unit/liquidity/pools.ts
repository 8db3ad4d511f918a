import type { Abs, JointLoan, LoanFacilitation, OwnFunds, Pool } from '../../../src/core/liquidity/types.ts'

export const OWN: OwnFunds = { id: 'own', kind: 'own_funds', cap: 300_000_000, annualCostBps: 300 }
export const BANK: JointLoan = {
  id: 'bank_a',
  kind: 'joint_loan',
  cap: 1_000_000_000,
  annualCostBps: 420,
  ownSource: 'own',
  ownShareBps: 3_000,
}
export const PARTNER: LoanFacilitation = {
  id: 'bank_b',
  kind: 'loan_facilitation',
  cap: 200_000_000,
  annualCostBps: 550,
}
export const DEAL: Abs = {
  id: 'abs_1',
  kind: 'abs',
  cap: 400_000_000,
  annualCostBps: 380,
  revolvingUntilMs: 10_000_000,
  nplTriggerBps: 500,
}

export const POOL: Pool = { id: 'baitiao', currency: 'CNY', sources: [OWN, BANK, PARTNER, DEAL] }
