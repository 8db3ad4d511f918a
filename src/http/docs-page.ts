import type { Endpoint } from './endpoint.ts'
import { PROBLEMS } from './problem.ts'

/** A page to read, without scripts and without anything from elsewhere. Machines read /openapi.json. */
export function docsPage(endpoints: readonly Endpoint[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>fundroute API</title>
<style>
body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;color:#1c2733}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{background:#f4f6f8;padding:1rem;overflow:auto}
h2{margin-top:2.5rem;border-bottom:1px solid #d8dee4}.method{display:inline-block;min-width:3.5rem;font-weight:600;color:#0b5}
dt{font-weight:600}dd{margin:0 0 .6rem}a{color:#0a58ca}
</style></head><body>
<h1>fundroute API</h1>
<p>Send <code>Authorization: Bearer KEY</code>; money requests also an <code>Idempotency-Key</code>. Amounts are integer
minor units. The whole document for machines: <a href="/openapi.json">openapi.json</a>.</p>
${endpoints.map(section).join('\n')}
<h2 id="errors">Error codes</h2>
<dl>${Object.entries(PROBLEMS)
    .map(
      ([code, { status, title }]) =>
        `<dt id="${code}"><code>${code}</code> ${status}</dt><dd>${escape(title)}.</dd>`,
    )
    .join('')}</dl>
</body></html>`
}

function section({ method, path, scope, doc }: Endpoint): string {
  const example =
    doc.example === undefined ? '' : `<pre>${escape(JSON.stringify(doc.example, null, 2))}</pre>`
  const answers = Object.entries(doc.answers)
    .map(([status, { description }]) => `<li><code>${status}</code> ${escape(description)}</li>`)
    .join('')
  return `<h2 id="${doc.id}"><span class="method">${method}</span> <code>${escape(path)}</code></h2>
<p><strong>${escape(doc.summary)}.</strong> ${escape(doc.description)} Scope <code>${scope}</code>.</p>
${example}<ul>${answers}</ul>`
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
