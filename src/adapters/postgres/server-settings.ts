/** Settings of the server on which it depends whether an acknowledged write stays. */
export type ServerSettings = Readonly<
  Record<'synchronous' | 'fsync' | 'pages' | 'retry' | 'zeroed' | 'standbys', string>
>

/** What of the settings would lose acknowledged writes, and by what. */
export function unsafeSettings({
  synchronous,
  fsync,
  pages,
  retry,
  zeroed,
  standbys,
}: ServerSettings): string[] {
  const told: string[] = []
  if (synchronous === 'off') {
    told.push('synchronous_commit is off: a crash of PostgreSQL loses acknowledged writes')
  }
  // Who names synchronous standbys wants to fail over to them; these two do not wait until they have the write on disk.
  if (standbys !== '' && (synchronous === 'local' || synchronous === 'remote_write')) {
    told.push(`synchronous_commit is ${synchronous}: a failover to a standby loses acknowledged writes`)
  }
  if (fsync === 'off') told.push('fsync is off: a power cut loses or corrupts the journal')
  if (pages === 'off') told.push('full_page_writes is off: a power cut may corrupt the journal')
  if (retry === 'on') told.push('data_sync_retry is on: writes that the disk has lost pass as written')
  if (zeroed === 'on')
    told.push('zero_damaged_pages is on: damaged parts of the journal are silently emptied')
  return told
}
