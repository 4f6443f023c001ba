'use client'
import { useState } from 'react'
import { applyTheme, currentTheme, type Theme, themes } from '../../_lib/theme.ts'

const words: Readonly<Record<Theme, string>> = { system: 'as the system', light: 'light', dark: 'dark' }

export function ThemeSection() {
  const [theme, setTheme] = useState<Theme>(currentTheme)
  return (
    <section aria-labelledby="h-theme">
      <header>
        <h2 id="h-theme">Appearance</h2>
      </header>
      <fieldset className="grid gap-1">
        <legend className="sr-only">Appearance</legend>
        {themes.map((one) => (
          <label className="check" key={one}>
            <input
              type="radio"
              name="theme"
              checked={theme === one}
              onChange={() => {
                applyTheme(one)
                setTheme(one)
              }}
            />
            {words[one]}
          </label>
        ))}
      </fieldset>
    </section>
  )
}
