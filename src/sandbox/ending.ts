import { type DeclineCategory, DECLINES } from './magic.ts'

/** How a payment is decided. */
export type Ending =
  | { state: 'approved' }
  | { state: 'declined'; code: string; category?: string | undefined }

export function refusedFor(category: DeclineCategory): Ending {
  return { state: 'declined', code: DECLINES[category], category }
}

export function endingOf(result: 'approved' | 'declined' | 'expired'): Ending {
  switch (result) {
    case 'approved':
      return { state: 'approved' }
    case 'declined':
      return refusedFor('insufficient_funds')
    case 'expired':
      return { state: 'declined', code: 'expired', category: 'authentication_required' }
  }
}
