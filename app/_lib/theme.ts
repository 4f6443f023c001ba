// The choice between light, dark and the system's. It is kept in a cookie, so that the server draws the first frame right
// and no script has to run before the first paint.

export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]
export const themeCookie = 'fado_theme'

export const parseTheme = (value: string | undefined): Theme => themes.find((theme) => theme === value) ?? 'system'

export function applyTheme(theme: Theme): void {
  const root = document.documentElement
  if (theme === 'system') delete root.dataset['theme']
  else root.dataset['theme'] = theme
  const kept = theme === 'system' ? 'max-age=0' : 'max-age=31536000'
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox ESR, and this holds no secret
  document.cookie = `${themeCookie}=${theme}; path=/; samesite=lax; ${kept}`
}

export const currentTheme = (): Theme => parseTheme(document.documentElement.dataset['theme'])
