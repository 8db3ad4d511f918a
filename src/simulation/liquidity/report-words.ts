/** What the stress report says, in the two languages of its readers. */
export const REPORT_WORDS = {
  en: {
    title: 'Liquidity stress report',
    basis: 'Synthetic shoppers, virtual time, the product’s own ledger, gate, scoring and cascade. Seed',
    scenario: 'Scenario',
    amber: 'amber',
    red: 'red',
    black: 'black',
    green: 'green',
    hoursTo: 'Hours to',
    never: 'never',
    peakShortfall: 'Peak shortfall, 24 h',
    shifted: 'Orders shifted',
    lostOrders: 'Orders lost',
    lostValue: 'Value lost',
    valueElsewhere: 'Value of the rest',
    utilizationMax: 'Utilisation, max',
    coverageMin: '30-day coverage, min',
    card: 'card',
    wallet: 'wallet',
    balance: 'balance',
    utilization: 'Utilisation of capacity, and level',
    flows: 'Credit wanted: lent, shifted to another tender, lost',
    lent: 'lent',
    shiftedShort: 'shifted',
    lostShort: 'lost',
    out: 'Principal out, by source',
    indicators: 'Early warnings',
    indicator: 'Indicator',
    worst: 'Worst',
    band: 'Band',
    firstAmber: 'Hours to amber',
    hours: 'hours',
    forecast: 'Hour-ahead forecast, back-tested on two weeks: error',
    coverage90: 'hours inside the 90 % interval',
    alarm: 'Alarm',
    unit: 'CNY',
  },
  'zh-CN': {
    title: '流动性压力测试报告',
    basis: '合成顾客、虚拟时间，使用产品本身的账本、准入、评分与级联。种子',
    scenario: '情景',
    amber: '橙',
    red: '红',
    black: '黑',
    green: '绿',
    hoursTo: '小时后到',
    never: '未到',
    peakShortfall: '24 小时最大缺口',
    shifted: '转移订单',
    lostOrders: '流失订单',
    lostValue: '损失价值',
    valueElsewhere: '其余订单价值变化',
    utilizationMax: '最高使用率',
    coverageMin: '30 天最低覆盖率',
    card: '银行卡',
    wallet: '钱包',
    balance: '余额',
    utilization: '额度使用率与级别',
    flows: '信用支付需求：已放款、转其他方式、流失',
    lent: '已放款',
    shiftedShort: '转移',
    lostShort: '流失',
    out: '各资金来源在贷本金',
    indicators: '预警指标',
    indicator: '指标',
    worst: '最差值',
    band: '级别',
    firstAmber: '到橙小时数',
    hours: '小时',
    forecast: '逐小时预测两周回测：误差',
    coverage90: '小时落在 90% 区间内',
    alarm: '预警',
    unit: '元',
  },
} as const

export type ReportLocale = keyof typeof REPORT_WORDS

const FEN_PER_YUAN = 100

/** An amount in yuan, rounded to three digits: 1.24m. */
export function yuan(fen: number): string {
  const value = fen / FEN_PER_YUAN
  const size = Math.abs(value)
  if (size >= 1e9) return `${digits(value / 1e9)}bn`
  if (size >= 1e6) return `${digits(value / 1e6)}m`
  if (size >= 1e3) return `${digits(value / 1e3)}k`
  return digits(value)
}

/** Three significant digits, never in exponents. */
export function digits(value: number): string {
  const size = Math.abs(value)
  if (size === 0) return '0'
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 4)
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`
}
