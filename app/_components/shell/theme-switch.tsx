'use client'
import { applyTheme, currentTheme } from '../../_lib/theme.ts'
import { Icon } from '../shared/icon.tsx'

const isDark = () => {
  const theme = currentTheme()
  return theme === 'system' ? window.matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark'
}

export function ThemeSwitch() {
  return (
    <button
      type="button"
      className="btn quiet square"
      aria-label="Switch between light and dark"
      onClick={() => applyTheme(isDark() ? 'light' : 'dark')}
    >
      <Icon name="theme" />
    </button>
  )
}
