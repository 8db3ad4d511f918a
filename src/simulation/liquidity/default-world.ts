/**
 * The lender that the bundled scenarios try: 4,600 orders a day of 340 yuan on average, four in ten by credit, and
 * about 52 million yuan out, which at that pace is a steady book. Amounts in fen. Every figure is an assumption for practice, none is anyone's data.
 */
export const DEFAULT_WORLD = {
  sources: [
    {
      id: 'own',
      kind: 'own_funds' as const,
      cap: 2_000_000_000,
      annualCostBps: 350,
      dailyQuota: 35_000_000,
      opening: 1_350_000_000,
    },
    {
      id: 'bank_a',
      kind: 'joint_loan' as const,
      cap: 2_600_000_000,
      annualCostBps: 420,
      dailyQuota: 30_000_000,
      ownSource: 'own',
      ownShareBps: 3_000,
      opening: 1_650_000_000,
    },
    {
      id: 'bank_b',
      kind: 'loan_facilitation' as const,
      cap: 1_100_000_000,
      annualCostBps: 560,
      dailyQuota: 12_000_000,
      termsMax: 12,
      opening: 650_000_000,
    },
    {
      id: 'abs_1',
      kind: 'abs' as const,
      cap: 2_100_000_000,
      annualCostBps: 390,
      dailyQuota: 23_000_000,
      revolvingDays: 400,
      nplTriggerBps: 500,
      openingNplBps: 240,
      opening: 1_500_000_000,
    },
  ],
  demand: {
    ordersPerDay: 4_600,
    ticketMedian: 24_000,
    ticketSpread: 0.85,
    tenders: { credit: 0.4, card: 0.28, wallet: 0.24, balance: 0.08 },
    terms: { '1': 0.35, '3': 0.25, '6': 0.15, '12': 0.2, '24': 0.05 },
    highGradeShare: 0.45,
    bestValueShare: 0.3,
    acceptsOthersShare: 0.45,
    acceptsShorterShare: 0.5,
    switchShare: 0.5,
  },
  routes: {
    credit: { approval: 0.93, unknown: 0.003, costBps: 60, fixed: 0, latencyMs: 1_200 },
    card: { approval: 0.88, unknown: 0.004, costBps: 45, fixed: 10, latencyMs: 1_600 },
    wallet: { approval: 0.92, unknown: 0.003, costBps: 60, fixed: 0, latencyMs: 2_500 },
    balance: { approval: 0.9, unknown: 0.001, costBps: 5, fixed: 0, latencyMs: 400 },
  },
  economics: {
    marginBps: 1_000,
    abandonmentPerSecond: 0.02,
    unknownCost: 300,
    lossGivenDefault: 0.6,
    probabilityOfDefault: 0.02,
  },
  balance: { netAssets: 1_200_000_000, bankTier1: 12_000_000_000 },
  arrears: { share: 0.05, lostShare: 0.4 },
}
