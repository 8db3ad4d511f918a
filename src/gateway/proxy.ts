import type { UpstreamResult } from '../core/payment/outcome.ts'
import type { Attempt } from '../core/payment/payment.ts'
import type { Clock } from '../ports/clock.ts'
import type { SendOptions } from '../ports/connector.ts'
import type { PaymentCore } from './pay.ts'
import { sendBy } from './send.ts'
import type { PayCommand, Answer } from './step.ts'

/** Passes a checkout's own request on to the upstream of an attempt. Never rejects, like `Connector.pay`. */
export type PassOn<Reply> = (
  attempt: Attempt,
  options: SendOptions,
) => Promise<{ readonly result: UpstreamResult; readonly reply?: Reply }>

/** What one upstream was told and answered. */
export interface Passed<Reply> {
  readonly route: string
  readonly result: UpstreamResult
  readonly reply?: Reply
}

export interface PassedThrough<Reply> {
  readonly answer: Answer
  /** One for each upstream that was tried by this call, in their order. */
  readonly passed: readonly Passed<Reply>[]
}

/**
 * Carries out a payment in a checkout's own protocol. The rules are those of every other payment, and by the same code:
 * (order, request, upstream) is durable before the send, another upstream is tried only after proof that nothing was
 * sent or a definite refusal, and an unknown outcome stays where it is. Runs to its end whatever becomes of the client.
 * Rejects with `JournalUnavailable` only before anything was sent.
 */
export async function payThrough<Reply>(
  clock: Clock,
  core: PaymentCore,
  command: PayCommand,
  passOn: PassOn<Reply>,
): Promise<PassedThrough<Reply>> {
  const passed: Passed<Reply>[] = []
  let step = await core.begin(command)
  while (step.kind === 'send') {
    const { attempt } = step
    let reply: Reply | undefined
    const evidence = await sendBy(
      clock,
      step,
      async options => {
        const told = await passOn(attempt, options)
        reply = told.reply
        return told.result
      },
      late => core.late(late),
    )
    const { route } = attempt
    passed.push({ route, result: evidence.result, ...(reply === undefined ? {} : { reply }) })
    step = await core.hear(step, evidence)
  }
  return { answer: step, passed }
}
