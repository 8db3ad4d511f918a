import type { Clock } from '../ports/clock.ts'
import type { Connector } from '../ports/connector.ts'
import type { BeginWrite, Journal, PaymentWrite } from '../ports/journal.ts'
import type { Outside } from './outside.ts'

/**
 * Moments around a send at which a process may die, in their order. `after-send`: the request is on its way and
 * unanswered. `after-answer`: answered and not recorded. `after-record`: recorded and the client not answered.
 */
export const CRASH_POINTS = [
  'before-intent',
  'after-intent',
  'after-send',
  'after-answer',
  'after-record',
] as const
export type CrashPoint = (typeof CRASH_POINTS)[number]

/** What goes wrong on purpose in this process, for tests of the whole. Identity when nothing is asked for. */
export interface FaultHooks {
  clock(clock: Clock): Clock
  journal(journal: Journal): Journal
  outside<T extends Outside>(outside: T): T
}

/** How long after the call a request has left for certain, and no upstream of a test has answered yet, ms. */
const SENT_AFTER_MS = 10

/**
 * Reads `FUNDROUTE_CRASH_AT` (`after-intent:3` dies at the third time) and `FUNDROUTE_CLOCK_SKEW_MS` (`900`, or `900,-900`
 * for a clock that jumps from one to the next every few seconds). Throws a `TypeError` for what it does not understand, and in production, where nothing may go wrong on purpose.
 */
export function faultHooks(
  env: Readonly<Record<string, string | undefined>>,
  production: boolean,
  die: () => void = () => process.kill(process.pid, 'SIGKILL'),
): FaultHooks {
  const { FUNDROUTE_CRASH_AT: crashAt, FUNDROUTE_CLOCK_SKEW_MS: skewMs } = env
  if (production && (crashAt !== undefined || skewMs !== undefined)) {
    throw new TypeError('FUNDROUTE_CRASH_AT and FUNDROUTE_CLOCK_SKEW_MS are for tests, never for production')
  }
  const pass = counter(crashAt, die)
  return {
    clock: clock => (skewMs === undefined ? clock : skewed(clock, skewMs.split(',').map(Number))),
    journal: journal => (crashAt === undefined ? journal : crashingJournal(journal, pass)),
    outside: outside => (crashAt === undefined ? outside : crashingOutside(outside, pass)),
  }
}

type Pass = (point: CrashPoint) => void

function counter(text: string | undefined, die: () => void): Pass {
  if (text === undefined) return () => undefined
  const [name, count = '1'] = text.split(':')
  const at = CRASH_POINTS.find(point => point === name)
  if (at === undefined || !/^[1-9]\d*$/.test(count)) {
    throw new TypeError(`FUNDROUTE_CRASH_AT is one of ${CRASH_POINTS.join(', ')}, with :N behind it`)
  }
  let left = Number(count)
  return point => {
    if (point === at && --left === 0) die()
  }
}

/** How long a clock that jumps stays where it is, ms. */
const JUMP_MS = 3_000

function skewed(clock: Clock, skewsMs: readonly number[]): Clock {
  if (!skewsMs.every(Number.isFinite)) {
    throw new TypeError('FUNDROUTE_CLOCK_SKEW_MS is a number of milliseconds, or several with commas')
  }
  const skewMs = (): number => skewsMs[Math.floor(clock.monotonic() / JUMP_MS) % skewsMs.length] ?? 0
  return {
    now: () => clock.now() + skewMs(),
    monotonic: () => clock.monotonic(),
    sleep: ms => clock.sleep(ms),
    timer: (ms, run) => clock.timer(ms, run),
  }
}

function crashingJournal(journal: Journal, pass: Pass): Journal {
  return overridden(journal, {
    begin: async (write: BeginWrite) => {
      pass('before-intent')
      const result = await journal.begin(write)
      if (result.kind === 'begun' && write.payment.attempts.length > 0) pass('after-intent')
      return result
    },
    save: async (write: PaymentWrite) => {
      const result = await journal.save(write)
      if (result.kind === 'saved' && write.payment.result !== undefined) pass('after-record')
      return result
    },
  })
}

function crashingOutside<T extends Outside>(outside: T, pass: Pass): T {
  const connector: Outside['connector'] = (...args) => {
    const real = outside.connector(...args)
    const pay: Connector['pay'] = async (request, options) => {
      setTimeout(() => pass('after-send'), SENT_AFTER_MS)
      const result = await real.pay(request, options)
      pass('after-answer')
      return result
    }
    return overridden(real, { pay })
  }
  return overridden(outside, { connector })
}

/** The same object with some methods replaced; the others keep their own `this`. */
function overridden<T extends object>(target: T, methods: object): T {
  return new Proxy(target, {
    get(object, name) {
      const own = Reflect.get(methods, name) as unknown
      if (own !== undefined) return own
      const value = Reflect.get(object, name) as unknown
      return typeof value === 'function' ? value.bind(object) : value
    },
  })
}
