import type { Tender } from '../payment/context.ts'
import type { Route } from '../payment/route.ts'

export const LOCALES = ['zh-CN', 'en'] as const
export type Locale = (typeof LOCALES)[number]

const HEADER_LENGTH_MAX = 200
const RANGES_MAX = 20

/** What a shopper calls a tender when the configuration gives the route no name of its own. */
const TENDER_LABELS: Readonly<Record<Tender, Readonly<Record<Locale, string>>>> = {
  credit: { 'zh-CN': '信用支付', en: 'pay later' },
  card: { 'zh-CN': '该银行卡', en: 'this card' },
  wallet: { 'zh-CN': '电子钱包', en: 'this wallet' },
  balance: { 'zh-CN': '账户余额', en: 'your balance' },
  flash_pay: { 'zh-CN': '闪付', en: 'Flash Pay' },
}

/** Name of a route in messages: its own label, else its tender's name. */
export function labelOf(route: Pick<Route, 'tender' | 'label'>, locale: Locale): string {
  return route.label?.[locale] ?? TENDER_LABELS[route.tender][locale]
}

/**
 * The language to answer in: the payer's own locale, else the best supported range of `Accept-Language` (RFC 9110
 * section 12.5.4), else the fallback. Every kind of Chinese is answered in zh-CN. Malformed input is passed over.
 */
export function negotiateLocale(
  payerLocale: string | undefined,
  acceptLanguage: string | undefined,
  fallback: Locale = 'en',
): Locale {
  const own = payerLocale === undefined ? undefined : supported(payerLocale)
  if (own !== undefined) return own
  let best: Locale | undefined
  let bestQuality = 0
  for (const range of (acceptLanguage ?? '').slice(0, HEADER_LENGTH_MAX).split(',').slice(0, RANGES_MAX)) {
    const [tag = '', ...parameters] = range.split(';').map(part => part.trim())
    const locale = tag === '*' ? fallback : supported(tag)
    const quality = qualityOf(parameters)
    if (locale !== undefined && quality > bestQuality) {
      best = locale
      bestQuality = quality
    }
  }
  return best ?? fallback
}

function supported(tag: string): Locale | undefined {
  const language = tag.toLowerCase().split(/[-_]/, 1)[0]
  if (language === 'zh') return 'zh-CN'
  return language === 'en' ? 'en' : undefined
}

function qualityOf(parameters: readonly string[]): number {
  const parameter = parameters.find(part => /^q\s*=/i.test(part))
  if (parameter === undefined) return 1
  const quality = Number(parameter.slice(parameter.indexOf('=') + 1))
  return quality >= 0 && quality <= 1 ? quality : 0
}
