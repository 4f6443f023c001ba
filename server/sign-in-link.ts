/** Signs a browser in: the token is in the fragment, which is neither sent nor logged. */
export const signInLink = (consoleUrl: string, token: string): string => `${consoleUrl}/sign-in#token=${token}`
