const namePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/

/** Names of zones, clusters and stores: 1 to 63 letters, digits, dots, dashes and underscores. */
export const isName = (text: string): boolean => namePattern.test(text)
