import { CATALOGUE_EN } from './catalogue-en.ts'
import { CATALOGUE_ZH_CN } from './catalogue-zh-cn.ts'
import type { Locale } from './locale.ts'
import type { Catalogue } from './wording.ts'

export const CATALOGUES: Readonly<Record<Locale, Catalogue>> = { 'zh-CN': CATALOGUE_ZH_CN, en: CATALOGUE_EN }
