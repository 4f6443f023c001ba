// Why a file or folder could not be used, in words for people. What is not known here keeps its code, to be looked up.

const words: Readonly<Record<string, string>> = {
  ENOENT: 'it is not there',
  EACCES: 'its rights do not allow it',
  EPERM: 'its rights do not allow it',
  EEXIST: 'something else is there',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  EROFS: 'it lies on a read-only disk',
  ENOSPC: 'the disk is full',
  EMFILE: 'too many files are open',
}

/** Goes on a sentence; no full stop. */
export function fileFailure(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
  return code === undefined ? String(error) : (words[code] ?? code)
}
