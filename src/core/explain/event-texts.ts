import { CURRENCY_DIGITS, type Money } from '../payment/money.ts'
import type { LiquidityLevel } from '../liquidity/types.ts'
import type { Locale } from './locale.ts'

/** What an event may say to a payer, or of the gateway's state to those who run it. */
export const EVENT_NOTES = [
  'payment_succeeded',
  'payment_declined',
  'payment_pending',
  'payment_canceled',
  'refund_succeeded',
  'refund_failed',
  'route_opened',
  'route_closed',
  'liquidity_level',
  'liquidity_indicator',
  'credit_accepted',
  'credit_refused',
  'limit_granted',
  'limit_partly_granted',
  'limit_refused',
  'limit_to_review',
  'limit_lowered',
  'limit_raised',
  'line_frozen',
  'line_unfrozen',
  'due_soon',
  'due_today',
  'overdue_reminder',
  'restructuring_offer',
  'human_review',
] as const
export type EventNote = (typeof EVENT_NOTES)[number]

/** What is filled in. `subject` is the lender, route or pool; `date` an ISO date; `level` a liquidity level. */
export interface EventParams {
  readonly subject?: string
  readonly amount?: Money
  readonly date?: string
  readonly level?: LiquidityLevel
  /** Name of an early-warning indicator. */
  readonly indicator?: string
}

const EN: Readonly<Record<EventNote, string>> = {
  payment_succeeded: 'Your payment of {amount} succeeded.',
  payment_declined: 'Your payment of {amount} did not succeed, and you were not charged.',
  payment_pending: 'We are confirming your payment of {amount}. Please do not pay again.',
  payment_canceled: 'Your payment of {amount} was canceled.',
  refund_succeeded: '{amount} was refunded.',
  refund_failed: 'A refund of {amount} did not succeed; we will contact you.',
  route_opened: 'The route {subject} is paused: it is not working reliably.',
  route_closed: 'The route {subject} works again.',
  liquidity_level: 'Funding of {subject} is at level {level}.',
  liquidity_indicator: 'The early-warning indicator {indicator} of {subject} is {level}.',
  credit_accepted: 'You have accepted credit of {amount} from {subject}, at the price that you were shown.',
  credit_refused:
    '{subject} did not offer credit for {amount}. You may ask for the reasons and for a person to review it.',
  limit_granted: '{subject} has granted the limit that you asked for: {amount}.',
  limit_partly_granted:
    '{subject} has granted a limit of {amount}, which is part of what you asked for. You may ask for a person to review it.',
  limit_refused:
    '{subject} did not raise your limit. You may ask for the reasons and for a person to review it.',
  limit_to_review: 'A person at {subject} will look at the limit that you asked for.',
  limit_lowered: 'Your limit at {subject} is now {amount}, as you asked.',
  limit_raised: 'Your limit at {subject} is now {amount}.',
  line_frozen: 'Your credit at {subject} is frozen. You can unfreeze it at any time.',
  line_unfrozen: 'Your credit at {subject} can be used again.',
  due_soon: 'Your bill of {amount} from {subject} is due on {date}.',
  due_today: 'Your bill of {amount} from {subject} is due today.',
  overdue_reminder: 'Your bill of {amount} from {subject} was due on {date}. Please repay it.',
  restructuring_offer:
    'Your bill of {amount} from {subject} was due on {date}. If you cannot repay it now, {subject} can offer a plan.',
  human_review: 'A person at {subject} will look at your bill of {amount} with you.',
}

const ZH_CN: Readonly<Record<EventNote, string>> = {
  payment_succeeded: '您已成功付款 {amount}。',
  payment_declined: '您的 {amount} 付款未成功，未扣款。',
  payment_pending: '正在确认您的 {amount} 付款结果，请勿重复付款。',
  payment_canceled: '您的 {amount} 付款已取消。',
  refund_succeeded: '已退款 {amount}。',
  refund_failed: '{amount} 退款未成功，我们会与您联系。',
  route_opened: '付款路线 {subject} 当前不稳定，已暂停。',
  route_closed: '付款路线 {subject} 已恢复。',
  liquidity_level: '资金池 {subject} 的流动性等级为{level}。',
  liquidity_indicator: '资金池 {subject} 的预警指标 {indicator} 为{level}。',
  credit_accepted: '您已按所示价格接受{subject}提供的 {amount} 授信。',
  credit_refused: '{subject}未就 {amount} 提供授信。您有权要求说明原因，并申请人工复核。',
  limit_granted: '{subject}已批准您申请的额度：{amount}。',
  limit_partly_granted: '{subject}已批准额度 {amount}，为您申请额度的一部分。您可以申请人工复核。',
  limit_refused: '{subject}未提高您的额度。您有权要求说明原因，并申请人工复核。',
  limit_to_review: '{subject}将由专人审核您申请的额度。',
  limit_lowered: '已按您的要求将您在{subject}的额度调整为 {amount}。',
  limit_raised: '您在{subject}的额度现为 {amount}。',
  line_frozen: '您在{subject}的信用额度已冻结，可随时解冻。',
  line_unfrozen: '您在{subject}的信用额度已恢复使用。',
  due_soon: '您在{subject}的账单 {amount} 将于 {date} 到期。',
  due_today: '您在{subject}的账单 {amount} 今日到期。',
  overdue_reminder: '您在{subject}的账单 {amount} 已于 {date} 到期，请尽快还款。',
  restructuring_offer:
    '您在{subject}的账单 {amount} 已于 {date} 到期。如暂时无法还清，{subject}可提供还款方案。',
  human_review: '{subject}将有专人与您处理账单 {amount}。',
}

const TEXTS: Readonly<Record<Locale, Readonly<Record<EventNote, string>>>> = { en: EN, 'zh-CN': ZH_CN }

const LEVELS: Readonly<Record<Locale, Readonly<Record<LiquidityLevel, string>>>> = {
  en: { green: 'green', amber: 'amber', red: 'red', black: 'black' },
  'zh-CN': { green: '绿色', amber: '黄色', red: '红色', black: '黑色' },
}

/** The text of an event in every language, for the system that delivers it. */
export function eventText(note: EventNote, params: EventParams): Record<Locale, string> {
  const { subject, date, indicator, level } = params
  const amount = params.amount === undefined ? undefined : amountText(params.amount)
  const textIn = (locale: Locale): string => {
    const levelText = level === undefined ? undefined : LEVELS[locale][level]
    return filled(TEXTS[locale][note], { subject, date, indicator, level: levelText, amount })
  }
  return { 'zh-CN': textIn('zh-CN'), en: textIn('en') }
}

type Given = Readonly<Record<keyof EventParams, string | undefined>>

/** Every name in braces by what it stands for, or by nothing. */
function filled(template: string, given: Given): string {
  let text = ''
  let from = 0
  for (let open = template.indexOf('{'); open >= 0; open = template.indexOf('{', from)) {
    const close = template.indexOf('}', open)
    text += template.slice(from, open) + (given[template.slice(open + 1, close) as keyof EventParams] ?? '')
    from = close + 1
  }
  return text + template.slice(from)
}

/** `CNY 1,299.00`: the code, because a symbol is ambiguous, and every minor digit. */
function amountText({ currency, value }: Money): string {
  const digits = CURRENCY_DIGITS[currency] ?? 2
  const text = String(value).padStart(digits + 1, '0')
  const whole = text.slice(0, text.length - digits).replaceAll(/\B(?=(\d{3})+$)/g, ',')
  return `${currency} ${whole}${digits === 0 ? '' : `.${text.slice(-digits)}`}`
}
