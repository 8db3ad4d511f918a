import type { IsoDate } from '../credit/types.ts'
import type { Locale } from './locale.ts'

/** What goes with every refusal of credit: who decided when, and what the person may ask for. */
export interface CreditNotice {
  readonly lender: string
  readonly decidedOn: IsoDate
  /** That an explanation and a review by a person may be asked for (PIPL Art. 24; Regulation B 1002.9). */
  readonly rights: string
  /** Where, if the lender has told. */
  readonly contact?: string
}

const RIGHTS: Readonly<Record<Locale, (lender: string, date: IsoDate) => string>> = {
  'zh-CN': (lender, date) => `本决定由${lender}于 ${date} 作出。您有权要求说明原因，并申请人工复核。`,
  en: (lender, date) =>
    `${lender} made this decision on ${date}. You have the right to an explanation, and to have a person review it.`,
}

export function creditNotice(
  lender: string,
  decidedOn: IsoDate,
  contact: string | undefined,
  locale: Locale,
): CreditNotice {
  return {
    lender,
    decidedOn,
    rights: RIGHTS[locale](lender, decidedOn),
    ...(contact === undefined ? {} : { contact }),
  }
}
