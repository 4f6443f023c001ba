// Whether what lies at the master is what a client says to have sent. Its word alone counts for nothing.

export type ClaimedUpload = {
  readonly key: string
  readonly size: number
  /** What the store answered to the bytes: to FaDO for an object in parts, else to the client, who may not have told it. */
  readonly etag: string | null
}

export type FoundObject = {
  readonly size: number
  readonly etag: string
  /** Whether it was written since the upload began; null: the store's clock does not tell. */
  readonly isNew: boolean | null
}

export type UploadVerdict =
  | { readonly verdict: 'right' }
  | { readonly verdict: 'missing' }
  /** What is there was there before. */
  | { readonly verdict: 'older' }
  | { readonly verdict: 'other_size'; readonly size: number }
  | { readonly verdict: 'other_version'; readonly etag: string }

export function judgeUpload(claimed: ClaimedUpload, found: FoundObject | null): UploadVerdict {
  if (found === null) return { verdict: 'missing' }
  if (claimed.etag !== null && claimed.etag !== found.etag) return { verdict: 'other_version', etag: found.etag }
  if (found.isNew === false) return { verdict: 'older' }
  if (found.size !== claimed.size) return { verdict: 'other_size', size: found.size }
  return { verdict: 'right' }
}

/** Stores tell times in whole seconds, rounded either way. */
const roundingMs = 2_000

/** Ages are reckoned on each clock alone: the store's answer tells how old the object is by its own. */
export function isNewSince(
  object: { readonly lastModified: number; readonly serverDate: number | null },
  uploadAgeMs: number,
): boolean | null {
  if (object.serverDate === null) return null
  return object.serverDate - object.lastModified <= uploadAgeMs + roundingMs
}

/** For people, beginning with the key's name. */
export function sayVerdict(key: string, size: number, judged: Exclude<UploadVerdict, { verdict: 'right' }>): string {
  const name = JSON.stringify(key)
  switch (judged.verdict) {
    case 'missing':
      return `${name} is not at the master: send its bytes to the address that UploadBegin gave, then complete it`
    case 'older':
      return `What the master has of ${name} is older than this upload: send its bytes to the address that UploadBegin gave, then complete it`
    case 'other_size':
      return `${name} has ${judged.size} bytes at the master, and UploadBegin was told ${size}: send it again, or delete it`
    case 'other_version':
      return `${name} was written by somebody else meanwhile: the master has another version (${judged.etag}). Look at it, then send yours again if it shall win`
  }
}
