import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Listener, listen, stopListening } from '../../../src/entry/listener.ts'

const open: { listener?: Listener; sockets: Socket[] } = { sockets: [] }

afterEach(async () => {
  for (const socket of open.sockets.splice(0)) socket.destroy()
  if (open.listener !== undefined) await stopListening(open.listener, 0)
})

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nhost: here\r\n\r\n`

async function connected(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  open.sockets.push(socket)
  await once(socket, 'connect')
  socket.write(GET('/warm'))
  await once(socket, 'data')
  return socket
}

test('requests that arrive in one turn of the event loop go on side by side, step by step', async () => {
  const steps: string[] = []
  open.listener = await listen(
    async request => {
      const { pathname } = new URL(request.url)
      steps.push(`${pathname} begins`)
      await Promise.resolve()
      steps.push(`${pathname} goes on`)
      return new Response('done')
    },
    '127.0.0.1',
    0,
  )
  const first = await connected(open.listener.url)
  const second = await connected(open.listener.url)
  steps.length = 0
  // Written before the loop looks at any socket again: both are there when it does.
  first.write(GET('/first'))
  second.write(GET('/second'))
  await Promise.all([once(first, 'data'), once(second, 'data')])
  expect(steps.map(step => step.replace(/^\S+ /, ''))).toEqual(['begins', 'begins', 'goes on', 'goes on'])
})
