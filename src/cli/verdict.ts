import type { Interval, OffPolicyEstimate } from '../core/evaluation/off-policy.ts'
import type { Yardstick } from '../core/evaluation/recorded.ts'
import { CURRENCY_DIGITS } from '../core/payment/money.ts'

/** What an evaluation has found, in minor units. */
export interface Verdict {
  readonly currency: string
  readonly yardstick: Yardstick
  /** Of the configuration with the judged policy. */
  readonly version: string
  readonly policy: OffPolicyEstimate
  readonly logged: OffPolicyEstimate
  /** Policy less log, doubly robust, paired. */
  readonly difference?: Interval
  /** What a reader has to know beside the figures. */
  readonly notes: readonly string[]
}

/** For programs: the same, with null where there is no figure. */
export function asJson(verdict: Verdict): object {
  return { verdict: verdict.policy.refusal === undefined ? 'given' : 'refused', unit: 'minor', ...verdict }
}

export function asText({ currency, yardstick, policy, logged, difference, notes }: Verdict): string {
  const shown = (interval: Interval): string => money(interval, currency)
  const line = (name: string, { doublyRobust, snips, ips, effectiveSize }: OffPolicyEstimate): string =>
    [
      name.padEnd(8),
      ...[doublyRobust, snips, ips].map(interval => shown(interval).padEnd(27)),
      Math.floor(effectiveSize),
    ].join('  ')
  const rows = `${policy.rows} decisions of ${policy.clusters} payments`
  const head = `${rows}; net value of the first try in ${currency} at a margin of ${yardstick.marginBps} bps`
  if (policy.refusal !== undefined && policy.clusters === 0) {
    return [`No verdict: ${policy.refusal.message}.`, ...notes].join('\n')
  }
  return [
    head,
    '',
    ['        ', 'doubly robust'.padEnd(27), 'SNIPS'.padEnd(27), 'IPS'.padEnd(27), 'effective size'].join(
      '  ',
    ),
    line('logged', logged),
    line('policy', policy),
    ...(difference === undefined ? [] : ['', `policy less logged, paired: ${shown(difference)}`]),
    '',
    policy.refusal === undefined ? conclusion(difference) : `No verdict: ${policy.refusal.message}.`,
    ...notes,
  ].join('\n')
}

function conclusion(difference: Interval | undefined): string {
  if (difference === undefined) return 'No verdict.'
  if (difference.low > 0) return 'The policy is worth more than what was logged.'
  if (difference.high < 0) return 'The policy is worth less than what was logged.'
  return 'No difference can be told from these records.'
}

/** Major units, with two digits more than the currency has: values per try are small. */
function money({ value, low, high }: Interval, currency: string): string {
  if (!Number.isFinite(value)) return '-'
  const digits = CURRENCY_DIGITS[currency as keyof typeof CURRENCY_DIGITS] ?? 2
  const [mid, from, to] = [value, low, high].map(minor => (minor / 10 ** digits).toFixed(digits + 1))
  return `${mid} [${from}, ${to}]`
}
