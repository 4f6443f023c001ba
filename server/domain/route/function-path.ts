// Which paths call a function.

/**
 * What calls none: `/function/` alone or with an empty name, and paths with a segment `.` or `..`, plain or escaped, next to
 * slashes or backslashes of either kind. Calls pass unchanged, so such a path is refused rather than resolved: a function
 * server might resolve it itself and so step out of the function. A pattern of a whole path without its query, whatever the
 * case of its letters, that says the same to JavaScript and to RE2.
 */
export const misleadingPath = (() => {
  const separator = '(?:[/\\\\]|%2f|%5c)'
  return `/function/(?:/.*)?|.*${separator}(?:[.]|%2e){1,2}(?:(?:;|${separator}).*)?`
})()

/** Paths of functions begin so. */
export const functionPrefix = '/function/'

const isMisleading = new RegExp(`^(?:${misleadingPath})$`, 'i')

/** The name as it stands in the path, escapes and all; undefined: it calls no function. `path`: without its query. */
export function calledFunction(path: string): string | undefined {
  if (!path.startsWith(functionPrefix) || isMisleading.test(path)) return undefined
  return path.slice(functionPrefix.length).split('/', 1)[0]
}
