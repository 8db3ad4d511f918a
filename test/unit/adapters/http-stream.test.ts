import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FetchStreamer } from '../../../src/adapters/http-stream/fetch.ts'
import { Passage, type PassageSink } from '../../../src/adapters/http-stream/passage.ts'
import type { HttpFailure } from '../../../src/ports/http-client.ts'
import { BODY_IDLE_MS } from '../../../src/ports/http-stream.ts'
import { type RawServer, startRawServer } from '../../support/raw-server.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

async function until(isSo: () => boolean): Promise<void> {
  for (let i = 0; !isSo(); i++) {
    if (i > 100_000) throw new Error('it did not come about')
    await turn()
  }
}

describe('an answer over undici', () => {
  let server: RawServer
  let say: (text: string) => void = () => undefined
  let heard = ''
  let failure: HttpFailure | undefined
  let passage: Passage

  beforeEach(async () => {
    heard = ''
    failure = undefined
    server = await startRawServer(socket => {
      say = text => void socket.write(text)
      say('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n')
    })
    passage = new Passage({ origin: server.url, connectionsMax: 1 })
    let began = false
    const sink: PassageSink = {
      begin: () => {
        began = true
      },
      data: chunk => {
        heard += chunk.toString()
      },
      end: () => undefined,
      fail: told => {
        failure = told
      },
    }
    passage.send({ method: 'GET', path: '/', headers: {}, body: null, timeoutMs: 1_000 }, sink)
    await until(() => began)
  })
  afterEach(async () => {
    await server.close()
    await passage.close()
  })

  it('is broken off when it stands still for long', async () => {
    vi.advanceTimersByTime(1_000 + BODY_IDLE_MS - 1)
    expect(failure).toBeUndefined()
    vi.advanceTimersByTime(1)
    expect(failure).toEqual({ kind: 'unknown', cause: 'timeout' })
  })

  it('may take any time as long as something comes', async () => {
    for (let i = 1; i <= 10; i++) {
      say('x')
      await until(() => heard.length === i)
      vi.advanceTimersByTime(BODY_IDLE_MS - 2_000)
    }
    expect(failure).toBeUndefined()
  })
})

describe('an exchange over fetch', () => {
  /** A fetch that answers when told, and knows whether it was broken off. */
  function scripted(): { fetch: typeof fetch; answer: () => void; signal: () => AbortSignal | undefined } {
    let signal: AbortSignal | undefined
    let answer: () => void = () => undefined
    return {
      fetch: (_, init) => {
        signal = init?.signal ?? undefined
        const body = init?.body as ReadableStream | undefined
        void body?.pipeTo(new WritableStream()).catch(() => undefined)
        return new Promise((resolve, reject) => {
          answer = () => resolve(new Response('ok'))
          signal?.addEventListener('abort', () => reject(new Error('broken off')))
        })
      },
      answer: () => answer(),
      signal: () => signal,
    }
  }
  const request = { method: 'POST', url: 'http://upstream.example/', headers: {}, timeoutMs: 1_000 }

  it('ends as unknown when no answer begins in time', async () => {
    const { fetch } = scripted()
    const told = new FetchStreamer(fetch).stream(request)
    vi.advanceTimersByTime(1_000)
    expect(await told).toEqual({ kind: 'unknown', cause: 'timeout' })
  })

  it('is not broken off by the patience for its beginning once it has begun, but after ten minutes', async () => {
    const { fetch, answer, signal } = scripted()
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
    const told = new FetchStreamer(fetch).stream({ ...request, body: readable })
    answer()
    expect(await told).toMatchObject({ kind: 'answer', status: 200 })
    const writer = writable.getWriter()
    await writer.write(new Uint8Array(1))
    await turn()
    vi.advanceTimersByTime(599_999)
    expect(signal()?.aborted).toBe(false)
    vi.advanceTimersByTime(1)
    expect(signal()?.aborted).toBe(true)
  })
})
