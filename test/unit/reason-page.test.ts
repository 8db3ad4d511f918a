import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CATALOGUES } from '../../src/core/explain/catalogue.ts'
import { REASON_CODES, type ReasonCode } from '../../src/core/explain/codes.ts'
import { reasonOfDecline } from '../../src/core/explain/decline-reason.ts'
import { type Locale, LOCALES } from '../../src/core/explain/locale.ts'
import { TENDERS } from '../../src/core/payment/context.ts'
import { DECLINE_CATEGORIES, DECLINE_RULES, type DeclineCategory } from '../../src/core/payment/decline.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/reasons.md'), 'utf8')

/** As the page writes it: what stands only when it applies in brackets. */
function written(text: string): string {
  return text.replaceAll(/\[\[\w+\|(.*?)\]\]/g, (_, section: string) => `[${section}]`)
}

function told(code: ReasonCode, locale: Locale): string {
  const { message, remedy } = CATALOGUES[locale][code]
  return `${written(message)}<br>*${written(remedy)}*`
}

function categoryRow(category: DeclineCategory): string {
  const { failover, health } = DECLINE_RULES[category]
  const card = reasonOfDecline(category, 'card')
  const credit = reasonOfDecline(category, 'credit')
  const reason = card === credit ? `\`${card}\`` : `\`${card}\`; of credit \`${credit}\``
  return `| \`${category}\` | ${reason} | \`${failover}\` | ${health ? 'yes' : 'no'} |`
}

/** The table of the page whose first heading is this one. */
function tableUnder(heading: string): string[] {
  const [, after = ''] = PAGE.split(`\n| ${heading} |`)
  const rows = after.split('\n').slice(2)
  return rows.slice(
    0,
    rows.findIndex(row => !row.startsWith('|')),
  )
}

describe('the page on reasons', () => {
  it('has every code once, with the words of both catalogues', () => {
    const rows = REASON_CODES.map(code => `| \`${code}\` | ${LOCALES.map(l => told(code, l)).join(' | ')} |`)
    expect(tableUnder('code')).toEqual(rows)
  })

  it('has every category of a refusal with what is told and where the payment may go', () => {
    expect(tableUnder('category')).toEqual(DECLINE_CATEGORIES.map(categoryRow))
  })

  it('needs to tell apart no other tenders than credit and the rest', () => {
    const others = TENDERS.filter(tender => tender !== 'credit')
    for (const category of DECLINE_CATEGORIES) {
      expect(new Set(others.map(tender => reasonOfDecline(category, tender))).size).toBe(1)
    }
  })
})
