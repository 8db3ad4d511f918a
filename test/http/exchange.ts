export interface Answer<T> {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Parsed, whatever the status; an empty object when the body is not JSON. */
  readonly body: T
}

/** Sends a request and reads the whole answer. */
export async function exchange<T>(url: string, init: RequestInit): Promise<Answer<T>> {
  const response = await fetch(url, { redirect: 'manual', ...init })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, body: parsed<T>(text) }
}

function parsed<T>(text: string): T {
  try {
    return JSON.parse(text) as T
  } catch {
    return {} as T
  }
}
