import type { ByteStream } from '../ports/http-stream.ts'
import { Problem } from './problem.ts'

/** A request body as it comes, cut off when it is longer than allowed. */
export interface Body {
  readonly stream: ByteStream
  /** Throws a `Problem` once the body was cut off. */
  check(): void
}

/** The body of a request, or undefined when it has none. Throws a `Problem` when it says itself that it is too long. */
export function bodyOf(request: Request, bytesMax: number): Body | undefined {
  const declared = request.headers.get('content-length')
  const tooLarge = (): Problem => new Problem('body_too_large', { detail: `The limit is ${bytesMax} bytes.` })
  if (declared !== null && !(Number(declared) <= bytesMax)) throw tooLarge()
  if (request.body === null || declared === '0') return undefined
  let length = 0
  const limit = new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => {
      length += chunk.length
      if (length > bytesMax) controller.error(tooLarge())
      else controller.enqueue(chunk)
    },
  })
  return {
    stream: request.body.pipeThrough(limit),
    check: () => {
      if (length > bytesMax) throw tooLarge()
    },
  }
}

/** The whole body at once. Throws a `Problem` when it is too long or breaks off. */
export async function bytesOf(body: Body | undefined): Promise<Uint8Array | undefined> {
  if (body === undefined) return undefined
  const chunks: Uint8Array[] = []
  try {
    for await (const chunk of body.stream) chunks.push(chunk)
  } catch {
    body.check()
    throw new Problem('invalid_request', { detail: 'The body broke off.' })
  }
  if (chunks.length === 1) return chunks[0]
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes.length === 0 ? undefined : bytes
}
