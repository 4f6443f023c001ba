// What functions of a deployment can be called, where somebody names them: an operator, or its platform.

export const functionNamesAre = '1 to 200 letters, digits, dots, dashes, tildes and underscores'

export const isFunctionName = (name: string): boolean => /^[A-Za-z0-9._~-]{1,200}$/.test(name)

/** Of one deployment. */
export const mostFunctions = 1_000

/** Each once, sorted. */
export const functionNames = (names: readonly string[]): readonly string[] => [...new Set(names)].sort()
