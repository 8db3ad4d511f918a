import type { Found } from '../gateway/restore-watch.ts'

/**
 * What is told at the start about sends that are held; nothing while they are not. People who have reconciled a restore
 * know that the journal went back, and those who start a held gateway anew still have to release it.
 */
export function heldWarnings(found: Found, held: boolean): string[] {
  if (!held) return []
  const then = 'nothing is sent until `fundroute recover --release`'
  switch (found) {
    case 'whole':
      return [`sends are held until a restore is reconciled; ${then}`]
    case 'behind':
      return [`the journal is behind what it was: a restore, or a standby that was late; ${then}`]
    case 'gone':
      return [`the journal that was here is gone, and this one knows nothing of what was sent; ${then}`]
  }
}
