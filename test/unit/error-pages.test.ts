import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ENDPOINT_DOCS } from '../../src/http/endpoint-docs.ts'
import { docsPage } from '../../src/http/docs-page.ts'
import { PROBLEMS } from '../../src/http/problem.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')
const endpoint = {
  method: 'POST',
  path: '/v1/payments',
  scope: 'pay',
  doc: ENDPOINT_DOCS.postPayment,
  handle: () => new Response(),
} as const

describe('the codes of errors', () => {
  it('each have a paragraph with their status and title, and nothing else has', () => {
    const paragraphs = [...PAGE.matchAll(/^## (\w+)\n\n(\d{3}) - ([^.]+)\. \S.+/gm)]
    const told = Object.fromEntries(paragraphs.map(([, code, status, title]) => [code, `${status} ${title}`]))
    const known = Object.entries(PROBLEMS).map(([code, { status, title }]) => [code, `${status} ${title}`])
    expect(told).toEqual(Object.fromEntries(known))
  })

  it('are where `type` of a problem leads: /docs#code', () => {
    const page = docsPage([endpoint])
    for (const code of Object.keys(PROBLEMS)) expect(page).toContain(`id="${code}"`)
  })

  it('stand on a page that loads nothing from elsewhere', () => {
    const page = docsPage([endpoint])
    expect(page).not.toMatch(/<script|<link|<img|@import|url\(|src=/)
    expect([...page.matchAll(/href="([^"]+)"/g)].map(([, target]) => target)).toEqual(['/openapi.json'])
  })
})
